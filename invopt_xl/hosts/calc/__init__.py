"""LibreOffice Calc: an extension generated from the catalogue, which hands every call to the function service."""
