"""The module that xlwings imports by name: it has a worksheet function ``INVOPT_...`` for each of the catalogue."""

from invopt_xl.hosts.excel.asking import Worksheet
from invopt_xl.hosts.excel.binding import worksheet_functions
from invopt_xl.hosts.service.client import Client
from invopt_xl.hosts.service.settings import default_settings
from invopt_xl.hosts.service.waiting import Patience

worksheet = Worksheet(Client(default_settings()), Patience())
FUNCTIONS = worksheet_functions(worksheet)
"""The worksheet functions by name; xlwings finds each as a name of this module."""

globals().update(FUNCTIONS)
