"""The cell functions by category; `invopt_xl.sheet.catalogue` collects them."""
