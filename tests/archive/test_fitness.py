"""Which machines may take part in a run; without a cluster."""

import os
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

import ray.cloudpickle
from enlarger.archive import cluster, process, task
from enlarger.archive.fitness import unfitness
from enlarger.archive.place import Place
from enlarger.archive.settings import Settings


def settings(output="/nowhere", options=(), patience=0.0):
    return Settings(Place.of(output), options, "enlarge 1", 2, 2 << 30, patience, "run")


class Fitness(unittest.TestCase):
    def test_another_version_or_no_command_is_named_with_the_machine(self):
        with mock.patch.object(process, "version", return_value="enlarge 1"):
            self.assertIsNone(unfitness(settings()))
            for options in (("--mask", "/no/mask.png"), ("--engine=/no/mask.png",)):
                self.assertIn("/no/mask.png: there is no such file", unfitness(settings(options=options)))
            self.assertIsNone(unfitness(settings(options=("--engine", "auto"))))
        with mock.patch.object(process, "version", return_value="enlarge 2"):
            self.assertRegex(unfitness(settings()), "has enlarge 2, the run was started with enlarge 1; install the same wheel")
        for error in (FileNotFoundError("no command"), subprocess.CalledProcessError(1, ["enlarge"])):
            with mock.patch.object(process, "version", side_effect=error):
                self.assertIn("install the same wheel", unfitness(settings()))

    def test_a_machine_that_is_not_fit_waits_before_it_fails_its_pictures(self):
        entry = {"root": "", "path": "/a.png", "name": "a.png", "named": True, "error": None}
        with tempfile.TemporaryDirectory() as output, mock.patch("time.sleep") as sleep:
            with mock.patch.object(process, "version", return_value="enlarge 2"):
                (row,) = task.enlarge([entry], settings(output, patience=300.0))
        sleep.assert_called_once_with(300.0)
        self.assertEqual(row["status"], "failed")
        self.assertIn("has enlarge 2", row["error"])

    def test_a_machine_without_the_wheel_says_so(self):
        program = """
import pickle, sys
entry = {"root": "", "path": "/a.png", "name": "a.png", "named": True, "error": None}
(row,) = pickle.load(sys.stdin.buffer)([entry])
print(row["source"], row["status"], row["models"], row["error"])
"""
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        task_sent = ray.cloudpickle.dumps(task.sent(settings()))
        done = subprocess.run(
            [sys.executable, "-c", program], input=task_sent, stdout=subprocess.PIPE, env=environment, cwd="/", check=True
        )
        said = done.stdout.decode()
        self.assertTrue(said.startswith("/a.png failed [] "), said)
        self.assertIn("No module named 'enlarger'; install the same wheel", said)

    def test_a_task_that_no_machine_is_large_enough_for_is_refused(self):
        needed = cluster.needs(settings())
        small = {"Resources": {"CPU": 4.0, "memory": float(2 << 30)}}
        large = {"Resources": {"CPU": 2.0, "memory": float(3 << 30)}}
        head = {"Resources": {}}
        self.assertEqual(cluster.large_enough([head, small, large], needed), [large])
        with self.assertRaisesRegex(ValueError, r"2 cores and 2.5 GiB .*4 cores and 2.0 GiB.*--threads or --memory"):
            cluster.large_enough([head, small], needed)

    def test_the_slots_of_a_cluster_are_those_of_its_machines(self):
        def node(alive, **resources):
            return {"Alive": alive, "Resources": resources}

        nodes = [
            node(True, CPU=5.0, memory=float(16 << 30)),  # two tasks, by its cores
            node(True, CPU=64.0, memory=float(8 << 30)),  # three, by its memory
            node(True, CPU=1.0, memory=float(8 << 30)),
            node(True),
            node(False, CPU=64.0, memory=float(256 << 30)),
        ]
        with mock.patch("ray.nodes", return_value=nodes):
            self.assertEqual(cluster.slots(settings()), 5)


if __name__ == "__main__":
    unittest.main()
