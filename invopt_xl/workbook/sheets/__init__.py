"""The sheets of plan workbooks: how they look, what stands on them, and the formulas that live without Python."""
