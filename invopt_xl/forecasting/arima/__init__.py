"""ARIMA: a fast search over orders, averages of what a history cannot tell apart, and models kept between refreshes."""
