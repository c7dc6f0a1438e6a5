#!/usr/bin/env python3
"""Makes an order flow file of a recorded Coinbase level-2 feed.

    xz -dc COINBASE.ws.28.0.xz | samples/convert_coinbase.py | zstd -19 > samples/coinbase.flow.zst

The recording tells sizes of price levels, not orders. A level that grows is a new order of the difference;
a level that shrinks takes it from the newest orders there; a recorded match is an immediate-or-cancel order
against the maker's side. So the book after each record is the recorded one. The form of the output is in
samples/README.md.
"""
import json
import sys
from decimal import Decimal

MAX_LOTS = 10**8
MAX_TICKS = 2 * 10**9  # what the feed's 32 bits can say


def read(stream):
    for line in stream:
        head, _, body = line.partition(": ")
        if "<" in head or not body.startswith("{"):
            continue
        yield float(head), json.loads(body)


class Product:
    def __init__(self, number, name):
        self.number, self.name = number, name
        self.price_decimals, self.max_size = 0, Decimal(0)
        self.levels = {}  # (side, price ticks) -> list of [order id, lots]

    def note(self, price, size):
        fraction = price.partition(".")[2].rstrip("0")
        self.price_decimals = max(self.price_decimals, len(fraction))
        self.max_size = max(self.max_size, Decimal(size))

    def settle(self):
        self.lot_decimals = 0
        while self.lot_decimals < 8 and self.max_size * 10 ** (self.lot_decimals + 1) <= MAX_LOTS:
            self.lot_decimals += 1

    def ticks(self, price):
        return int(Decimal(price).scaleb(self.price_decimals))

    def lots(self, size):
        exact = Decimal(size).scaleb(self.lot_decimals)
        return 0 if exact == 0 else max(1, int(exact))


def main():
    messages = list(read(sys.stdin))
    products = {}
    for _, m in messages:
        if m["type"] == "snapshot":
            p = products.setdefault(m["product_id"], Product(len(products) + 1, m["product_id"]))
            for price, size in m["asks"] + m["bids"]:
                p.note(price, size)
        elif m["type"] == "l2update":
            for _, price, size in m["changes"]:
                products[m["product_id"]].note(price, size)
    for p in products.values():
        p.settle()

    out, next_id, too_far = [], [1], set()
    started = next(time for time, m in messages if m["type"] == "snapshot")

    def set_level(ms, p, side, ticks, lots):
        if ticks > MAX_TICKS:
            too_far.add((p.number, ticks))
            return
        queue = p.levels.setdefault((side, ticks), [])
        missing = lots - sum(order[1] for order in queue)
        if missing > 0:
            out.append(f"A {ms} {next_id[0]} {p.number} {side} {ticks} {missing}")
            queue.append([next_id[0], missing])
            next_id[0] += 1
        while missing < 0:
            order = queue[-1]
            taken = min(order[1], -missing)
            order[1] -= taken
            missing += taken
            out.append(f"R {ms} {order[0]} {order[1]}")
            if order[1] == 0:
                queue.pop()

    def take(ms, p, maker_side, ticks, lots):
        taker = "S" if maker_side == "B" else "B"
        out.append(f"X {ms} {p.number} {taker} {ticks} {lots}")
        queue = p.levels.get((maker_side, ticks), [])
        while lots > 0 and queue:
            filled = min(lots, queue[0][1])
            queue[0][1] -= filled
            lots -= filled
            if queue[0][1] == 0:
                queue.pop(0)

    def best(p, side):
        prices = [t for (s, t), q in p.levels.items() if s == side and q]
        return (max if side == "B" else min)(prices) if prices else None

    skipped = 0
    for time, m in messages:
        ms = int((time - started) * 1000)
        if m["type"] == "snapshot":
            p = products[m["product_id"]]
            for side, levels in (("S", m["asks"]), ("B", m["bids"])):
                for price, size in levels:
                    set_level(ms, p, side, p.ticks(price), p.lots(size))
        elif m["type"] == "l2update":
            p = products[m["product_id"]]
            for name, price, size in m["changes"]:
                set_level(ms, p, "B" if name == "buy" else "S", p.ticks(price), p.lots(size))
        elif m["type"] == "match":
            p = products[m["product_id"]]
            maker, ticks = ("B" if m["side"] == "buy" else "S"), p.ticks(m["price"])
            if best(p, maker) == ticks:
                take(ms, p, maker, ticks, p.lots(m["size"]))
            else:
                skipped += 1
    print("okiagari flow 1")
    for p in products.values():
        print(f"I {p.number} {p.name.replace('-', '')[:8]} {p.price_decimals} {p.lot_decimals}")
    print("\n".join(out))
    print(
        f"{len(out)} records; left out: {skipped} matches not at the best price, "
        f"{len(too_far)} price levels that do not fit the feed",
        file=sys.stderr,
    )


if __name__ == "__main__":
    main()
