"""Many items from a frame of demand: periods told from dates, histories aligned, forecasts as a table."""
