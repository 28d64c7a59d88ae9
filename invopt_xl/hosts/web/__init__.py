"""Excel on the web, Mac and Windows: the cell functions as an Office add-in, served by xlwings Server.

- `serving` starts the server where only its user reaches it, or with xlwings' own authentication for others.
- `functions` makes a custom function of each declaration; `wire` says how cells come and go.
- `asking` asks the function service without holding the server up; `calls` remembers what was asked.
- `gate` stands before the server: who may ask, and what a browser is told while it waits.
- `pane` is the task pane; `files` holds its templates, the manifest, and the browser's part of waiting.

xlwings Server is under the PolyForm Noncommercial License, or a paid one; `licence` says so and checks that it is said.
It is imported in `application`, once the user has asked for it.
"""
