"""What columns are called elsewhere, so that a header of another program can be told the name it has here."""

from __future__ import annotations

_USUAL = {
    "item": "sku, product, article, material, item_code, product_id",
    "location": "site, warehouse",
    "supplier": "vendor, supplier_name",
    "quantity": "qty, units",
    "date": "day, week, month",
    "unit_cost": "cost, purchase_price, cost_price",
    "unit_price": "price, sales_price, selling_price, retail_price",
    "lead_time_days": "lead_time, leadtime_days, days_to_deliver",
    "lead_time_sd_days": "lead_time_sd, lead_time_std, lead_time_deviation, lead_time_standard_deviation",
    "order_cost": "ordering_cost, cost_per_order, fixed_cost, setup_cost",
    "holding_rate": "carrying_rate, holding_cost_rate",
    "shortage_cost": "stockout_cost, penalty_cost, backorder_cost, lost_sale_cost",
    "moq": "min_order, min_order_qty, min_order_quantity, minimum_order, minimum_order_qty, minimum_order_quantity, "
    "min_qty, min_quantity, minimum_quantity",
    "lot_size": "lot, pack_size, case_size, batch_size, order_multiple, multiple, case_pack",
    "on_hand": "stock, inventory, stock_on_hand, quantity_on_hand, qty_on_hand, on_hand_qty, soh",
    "service_target": "service_level, target_service_level",
    "unit_volume": "volume",
    "shelf_life_days": "shelf_life",
    "minimum_order_value": "min_order, min_order_value, minimum_order, mov, min_value, minimum_value",
    "capacity_units": "capacity, max_capacity, supplier_capacity",
    "from_quantity": "min_quantity, min_qty, minimum_quantity, break_quantity, threshold_quantity",
    "from_value": "min_value, minimum_value, break_value, threshold_value",
    "discount_rate": "discount, discount_percent",
    "due_date": "due, eta, delivery_date, expected_date, arrival_date",
    "receipt_date": "received_date, received, delivery_date",
    "order_date": "ordered, date_ordered",
    "safety_stock": "buffer, buffer_stock, safety",
    "reorder_point": "rop, reorder_level",
    "mean": "forecast, expected, expected_demand",
    "override_quantity": "override, override_qty",
}
"""Other names of columns by their name here. One may stand for several: the table tells which of them is meant."""

USUAL_NAMES = {name: frozenset(each.replace("_", "") for each in others.split(", ")) for name, others in _USUAL.items()}
"""The same as `headers.plain_name` gives them."""
