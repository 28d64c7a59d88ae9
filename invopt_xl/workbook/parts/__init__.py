"""What workbook files are made of: a zip of XML parts, cells, names and formulas, read and edited as bytes."""
