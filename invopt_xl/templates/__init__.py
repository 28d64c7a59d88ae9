"""Templates: workbooks to begin with, built by code, each for the host that will open it.

=====================  ==============================================================================
`TEMPLATES`            the five of them by name: what each is for, and which sheets it has
`template_named`       one by its name; an unknown one is told what it may have meant
`FORMS`, `form_of`     how formulas are written for Excel for Windows, for Excel on the web, for Calc
`write_template`       write one as a workbook, filled with the example or blank
=====================  ==============================================================================

The example is made by `invopt_xl.demo.example`.

Four are choices of the sheets of plan workbooks, which a refresh fills. The fifth calculates in its cells.
"""

from invopt_xl.templates.building import write_template
from invopt_xl.templates.catalogue import TEMPLATES, Template, template_named
from invopt_xl.templates.forms import FORMS, Form, HostName, form_of

__all__ = ["FORMS", "TEMPLATES", "Form", "HostName", "Template", "form_of", "template_named", "write_template"]
