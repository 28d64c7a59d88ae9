"""What sales say of customers, and which items matter to the best of them.

`review_customers` reads sales by customer and returns three tables: customers by recency, frequency and money, with
the share of what they could spend; their segments; and for each item what it is to the best customers, with a weight
to suggest for ``customer_weight`` in ``tblItems``.
"""

from invopt_xl.plan.customers.review import CustomerReview, review_customers, review_sales
from invopt_xl.plan.customers.sales import AdmittedSales, admit_sales

__all__ = ["AdmittedSales", "CustomerReview", "admit_sales", "review_customers", "review_sales"]
