"""A deadlock in `write` on MariaDB: the server ends the transaction, and would store what comes behind it by itself."""

import threading
from contextlib import closing
from typing import Any

import mariadb
import pymysql
import pytest
from redeemable import host
from redeemable.mysql import MysqlStore
from support import Clock, request

LOCK = "UPDATE seats SET sold = sold + 1 WHERE id = %s"


@pytest.mark.parametrize("autocommit", [True, False])
def test_what_write_sends_behind_a_deadlock_is_not_stored(mysql: str, autocommit: bool) -> None:
    with (
        closing(mariadb.connect(mysql, autocommit=autocommit)) as connection,
        closing(mariadb.connect(mysql)) as rival,
        closing(mariadb.connect(mysql, autocommit=True)) as look,
    ):
        cursor = look.cursor()
        cursor.execute("CREATE TABLE IF NOT EXISTS seats (id int PRIMARY KEY, sold int)")
        cursor.execute("REPLACE INTO seats VALUES (1, 0), (2, 0)")
        other = rival.cursor()
        # InnoDB ends the transaction that has changed less, so this one changes more than the store's.
        for number in range(20):
            other.execute("INSERT INTO notes VALUES (%s)", [number])
        other.execute(LOCK, [1])

        def write(transaction: Any, _: Any) -> None:
            mine = transaction.cursor()
            mine.execute(LOCK, [2])
            waiting.start()
            while not waits(cursor):
                pass
            with pytest.raises(pymysql.OperationalError, match="Deadlock"):
                mine.execute(LOCK, [1])
            mine.execute("INSERT INTO notes VALUES ('behind')")

        waiting = threading.Thread(target=other.execute, args=[LOCK, [2]])
        with pytest.raises(RuntimeError, match="write ended the transaction"):
            host.redeem(MysqlStore(connection), request("a", 1), write=write, now=Clock())
        waiting.join()
        rival.rollback()
        assert connection.get_autocommit() == autocommit
        cursor.execute("SELECT note FROM notes")
        assert cursor.fetchall() == ()


def waits(cursor: Any) -> bool:
    cursor.execute("SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_current_waits'")
    return bool(cursor.fetchone()[1] != "0")
