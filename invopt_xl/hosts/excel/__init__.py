"""Excel for Windows: the catalogue as worksheet functions through xlwings, and workbooks that carry them."""
