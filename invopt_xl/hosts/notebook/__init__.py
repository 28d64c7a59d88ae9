"""The notebook host: a plan in one line, tables and pictures that read well, what-ifs, and the way back.

```python
from invopt_xl import open_plan
from invopt_xl.hosts.notebook import pictures, say, show, what_if

plan = open_plan("../workbooks/grocery.xlsx")
show(plan.first_look, "What was read")
```

Analytics live in `invopt_xl.plan`, frames in, frames out; here is only what a notebook needs to show them and to write
them back. The libraries it draws with come with the extra ``notebooks``.
"""

from invopt_xl.hosts.notebook.controls import what_if
from invopt_xl.hosts.notebook.opened import Plan, open_plan
from invopt_xl.hosts.notebook.shown import Shown, say, show

__all__ = ["Plan", "Shown", "open_plan", "say", "show", "what_if"]
