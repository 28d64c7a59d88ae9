"""What prices, promotions and calendar days do to demand, past and coming."""
