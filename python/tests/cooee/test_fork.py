"""Responders in processes that fork."""

from __future__ import annotations

import os

import pytest

import cooee

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")

LO = [of.name for of in cooee.interfaces() if of.kind == "loopback"]

# Parent and child print their states; the child also when it takes over.
FORK = """
    import os, sys, warnings, cooee
    warnings.simplefilter("ignore", DeprecationWarning)
    port, stand_by = int(sys.argv[1]), sys.argv[2] == "stand_by"

    def on_event(event):
        if os.getpid() != parent:
            print("child event", event.kind)

    parent = os.getpid()
    responder = cooee.Responder(port=port, stand_by=stand_by, on_event=on_event).start()
    if os.fork() == 0:
        print("child", responder.state, responder.ahead, responder.stats.received)
    else:
        print("parent", responder.state)
    sys.stdin.read()
"""


def answers_in_each_round(port: int) -> float:
    outcome = cooee.discover(port=port, interfaces=LO, timeout=0.5, wait="full").outcome
    return outcome.answers / outcome.rounds


def test_a_child_stands_by_behind_its_parent_and_takes_over(program, free_port):
    running = program(FORK, free_port, "stand_by")
    said = {running.line() for _ in range(4)}
    assert said == {
        "parent answering",
        "child event standing-by",
        "child event offer-taken",
        "child standing-by cooee 0",
    }
    assert answers_in_each_round(free_port) == 1
    running.process.kill()
    running.process.wait()
    assert running.line() == "child event answering"
    assert cooee.discover_one(port=free_port, interfaces=LO) is not None
    assert answers_in_each_round(free_port) == 1


def test_a_child_that_does_not_stand_by_has_stopped(program, free_port):
    running = program(FORK, free_port, "alone")
    assert {running.line() for _ in range(2)} == {"parent answering", "child stopped None 0"}
    assert answers_in_each_round(free_port) == 1
    running.process.kill()
    running.process.wait()
    # The child lives on, and has no copy of the socket that keeps the port taken.
    cooee.Responder(port=free_port).start().stop()


def test_a_child_that_exits_leaves_its_parent_answering(program, free_port):
    running = program(
        """
        import os, sys, warnings, cooee
        warnings.simplefilter("ignore", DeprecationWarning)
        responder = cooee.Responder(port=int(sys.argv[1]), stand_by=True).start()
        for leave in (lambda: os._exit(0), sys.exit, responder.stop):
            child = os.fork()
            if child == 0:
                leave()
                os._exit(0)
            assert os.waitpid(child, 0)[1] == 0
        print(responder.state)
        sys.stdin.read()
        """,
        free_port,
    )
    assert running.line() == "answering"
    assert answers_in_each_round(free_port) == 1
    assert running.finish() == (0, "", "")


def test_workers_of_multiprocessing_stand_by_one_behind_the_other(program, free_port):
    running = program(
        """
        import multiprocessing, sys, warnings, cooee
        warnings.simplefilter("ignore", DeprecationWarning)

        def work(over):
            print("worker", responder.state, responder.ahead)
            over.wait()

        responder = cooee.Responder(port=int(sys.argv[1]), stand_by=True).start()
        context = multiprocessing.get_context("fork")
        over = context.Event()
        workers = [context.Process(target=work, args=(over,)) for _ in range(3)]
        for worker in workers:
            worker.start()
        print("parent", responder.state)
        sys.stdin.read()
        over.set()
        for worker in workers:
            worker.join()
        print([worker.exitcode for worker in workers])
        """,
        free_port,
    )
    said = sorted(running.line() for _ in range(4))
    assert said == ["parent answering", *["worker standing-by cooee"] * 3]
    assert answers_in_each_round(free_port) == 1
    assert running.finish() == (0, "[0, 0, 0]\n", "")


def test_a_child_of_one_that_stands_by_does_too(program, free_port):
    with cooee.Responder(port=free_port):
        running = program(FORK, free_port, "stand_by")
        said = {running.line() for _ in range(4)}
        assert said == {
            "parent standing-by",
            "child event standing-by",
            "child event offer-taken",
            "child standing-by cooee 0",
        }
        assert answers_in_each_round(free_port) == 1
    assert cooee.discover_one(port=free_port, interfaces=LO) is not None
    assert answers_in_each_round(free_port) == 1


def test_a_stream_outlives_a_child_that_drops_it(program):
    with cooee.Responder(port=0) as responder:
        assert responder.local_address is not None
        running = program(
            """
            import os, sys, warnings, cooee
            warnings.simplefilter("ignore", DeprecationWarning)
            lo = [of.name for of in cooee.interfaces() if of.kind == "loopback"]
            answers = cooee.stream(port=int(sys.argv[1]), interfaces=lo)
            if os.fork() == 0:
                del answers
                os._exit(0)
            os.wait()
            print(len(list(answers)), answers.outcome.ended)
            """,
            responder.local_address[1],
        )
        assert running.line() == "1 settled"
        assert running.finish() == (0, "", "")


def test_a_daemon_that_closes_every_descriptor_keeps_its_own(program, free_port):
    running = program(
        """
        import os, sys, tempfile, time, cooee
        responder = cooee.Responder(port=int(sys.argv[1]), stand_by=True).start()
        child = os.fork()
        if child:
            print(os.waitpid(child, 0)[1])
            sys.exit()
        os.closerange(3, 256)
        files = [tempfile.TemporaryFile() for _ in range(30)]
        assert responder.state == "stopped", responder.state
        responder.stop()
        del responder
        for file in files:
            assert os.fstat(file.fileno()).st_size == 0
        os._exit(0)
        """,
        free_port,
    )
    status, said, errors = running.finish()
    assert (status, said) == (0, "0\n"), errors
    assert len(errors.splitlines()) <= 2, errors
