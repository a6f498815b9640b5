"""What the rule for SQL must find, and what it must let through: modules in a few lines each."""

PLANTED = {
    "f-string": (
        "def f(c, name: str):\n"
        "    c.execute(f'SELECT {name} FROM t')\n"
        "def g(c, row):\n"
        "    f(c, row['x'])"
    ),
    "argument nobody hands over": ("def f(c, name):\n    c.execute(f'SELECT {name}')"),
    "percent": ("def f(c, row):\n    c.execute('SELECT %s' % row.name)"),
    "format": ("def f(c, row):\n    c.execute('SELECT {}'.format(row.name))"),
    "plus": ("def f(c, row):\n    q = 'SELECT '\n    q += row.name\n    c.execute(q)"),
    "join": ("def f(c, rows):\n    c.execute('SELECT ' + ', '.join(r.name for r in rows))"),
    "list filled later": (
        "def f(c, rows):\n    w = ['a']\n    w.append(rows[0])\n    c.execute(' '.join(w))"
    ),
    "one of two branches": ("def f(c, n):\n    c.execute('SELECT 1' if n else f'SELECT {n.x}')"),
    "one of many callers": (
        "def f(c, name):\n"
        "    c.execute(f'SELECT {name}')\n"
        "def g(c):\n"
        "    f(c, 'a')\n"
        "def h(c, row):\n"
        "    f(c, name=row.name)"
    ),
    "second of a pair": (
        "def f(c, row):\n    for a, b in (('x', 'y'), ('z', row.name)):\n        c.sql(b)"
    ),
    "key of a mapping": (
        "def f(c, row):\n    d = {row.name: 'x'}\n    for k in d:\n        c.execute(k)"
    ),
    "value of a mapping": (
        "def f(c, row):\n    d = {'a': 'x'}\n    d['b'] = row.name\n    c.execute(d['b'])"
    ),
    "text()": (
        "from sqlalchemy import text\ndef f(c, row):\n    c.execute(text(f'SELECT {row.name}'))"
    ),
    "literal_column": (
        "from sqlalchemy import literal_column, select\n"
        "def f(c, row):\n"
        "    c.execute(select(literal_column(row.name)))"
    ),
    "what a query answered": (
        "from sqlalchemy import Connection, select\n"
        "def f(c: Connection, d):\n"
        "    d.execute(c.execute(select(1)).scalar_one())"
    ),
    "field set by a stranger": (
        "from dataclasses import dataclass\n"
        "@dataclass\n"
        "class A:\n"
        "    name: str\n"
        "def f(c, a: A):\n"
        "    c.execute(f'SELECT {a.name}')\n"
        "def g(c, row):\n"
        "    f(c, A(row.name))"
    ),
    "field that is changed": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.name = 'a'\n"
        "    def set(self, row):\n"
        "        self.name = row.x\n"
        "    def f(self, c):\n"
        "        c.execute(self.name)"
    ),
    "handed to a pool": (
        "def f(name):\n"
        "    C.execute(f'SELECT {name}')\n"
        "def g(pool, names):\n"
        "    f('a')\n"
        "    pool.map(f, names)"
    ),
    "answer of a helper that does not quote": (
        "def helper(row):\n    return row.name\ndef f(c, row):\n    c.execute(helper(row))"
    ),
    "replace with a stranger": ("def f(c, row):\n    c.execute('SELECT x'.replace('x', row.name))"),
    "two that vouch for each other": (
        "def a(row, n: int):\n"
        "    return b(row, n - 1) if n else row.name\n"
        "def b(row, n: int):\n"
        "    return a(row, n)\n"
        "def f(c, row):\n"
        "    c.execute(b(row, 3))"
    ),
}

OURS = {
    "constant": ("SQL = 'SELECT 1'\ndef f(c):\n    c.execute(SQL)"),
    "parameter of the query": ("def f(c, row):\n    c.execute('SELECT ?', [row.name])"),
    "number": ("def f(c, n: int):\n    c.execute(f'SELECT {n} + {len(c.x)}')"),
    "quoted": (
        "from core.lake.paths import quoted, parquet_relation\n"
        "def f(c, row):\n"
        "    c.execute(f'SELECT {quoted(row.name)}')"
    ),
    "files": (
        "from core.lake.paths import quoted, parquet_relation\n"
        "def f(c, paths):\n"
        "    c.execute(f'FROM {parquet_relation(paths)}')"
    ),
    "alias": ("def f(c, contract, row):\n    c.execute(f'SELECT {contract.alias(row.name)}')"),
    "lake columns": (
        "def f(c, contract: ModelContract):\n"
        "    for name, alias in contract.stored_columns.items():\n"
        "        c.execute(alias)"
    ),
    "builder": (
        "from sqlalchemy import select\n"
        "def f(c, t, row):\n"
        "    q = select(t).where(t.c.id == row.id)\n"
        "    q = q.limit(row.n)\n"
        "    c.execute(q)"
    ),
    "constants of all callers": (
        "def f(c, name):\n"
        "    c.execute(f'SELECT {name}')\n"
        "def g(c):\n"
        "    f(c, 'a')\n"
        "    f(c, name='b')"
    ),
    "first of a pair": (
        "def f(c, row):\n    for a, b in (('x', row.y), ('z', row.x)):\n        c.sql(a)"
    ),
}
