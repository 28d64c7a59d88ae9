"""The proof by replay: what our policy and a spreadsheet's would have done on the last part of real history."""
