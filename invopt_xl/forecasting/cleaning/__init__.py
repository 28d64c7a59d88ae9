"""From recorded sales to demand: stock-outs, gaps, launches, outliers and level shifts."""
