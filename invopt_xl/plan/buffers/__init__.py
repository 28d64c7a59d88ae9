"""What each item's buffer is made of, and why it is another one than at the last refresh."""

from invopt_xl.plan.buffers.causes import reasons
from invopt_xl.plan.buffers.made_of import buffers_of, with_uncertainty
from invopt_xl.plan.buffers.since_last import buffer_table, large_changes, with_changes

__all__ = ["buffer_table", "buffers_of", "large_changes", "reasons", "with_changes", "with_uncertainty"]
