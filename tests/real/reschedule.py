"""What Tryton's scheduled task does each night: shipments planned for a day that is over are planned for today.

A copy of a database seeded on another day has such shipments, and `forecast_quantity` leaves them out until they are
rescheduled: goods that customers were promised would count as free.

    reschedule.py CONFIGURATION DATABASE
"""
import sys

from trytond import config

config.update_etc(sys.argv[1])

from trytond.pool import Pool  # noqa: E402 (reads the configuration when it is imported)
from trytond.transaction import Transaction  # noqa: E402

pool = Pool(sys.argv[2])
with Transaction().start(sys.argv[2], 0):
    pool.init()
with Transaction().start(sys.argv[2], 1):
    with Transaction().set_context(company=1):
        pool.get("stock.shipment.out").reschedule()
