"""Tables of a workbook written anew inside its XML, and all that follows them; every other byte stays."""
