"""Archives in buckets: pictures, manifest and results behind a server that speaks S3."""

import io
import logging
import signal
import time
import unittest

import boto3
import pyarrow.parquet
from archivist import OPTIONS, archivist, files, make_pictures, nodes
from moto.server import ThreadedMotoServer

PICTURES = 24


class Bucket(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.archivist = archivist()
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        cls.addClassCleanup(server.stop)
        host, port = server.get_host_and_port()
        cls.where = f"?scheme=http&endpoint_override={host}:{port}&region=us-east-1"
        cls.s3 = boto3.client(
            "s3",
            endpoint_url=f"http://{host}:{port}",
            region_name="us-east-1",
            aws_access_key_id="nobody",
            aws_secret_access_key="nothing",
        )
        cls.s3.create_bucket(Bucket="scans")

    def names(self, prefix):
        found = self.s3.list_objects_v2(Bucket="scans", Prefix=prefix).get("Contents", [])
        # A name that ends with a slash stands for a folder.
        return [one["Key"] for one in found if not one["Key"].endswith("/")]

    def objects(self, prefix):
        return {
            name[len(prefix) :]: self.s3.get_object(Bucket="scans", Key=name)["Body"].read() for name in self.names(prefix)
        }

    def interrupt(self, run):
        """Stops a run after its first result, as Ctrl-C does."""
        with open(self.archivist.folder / "interrupted", "w+") as log:
            driver = self.archivist.start(*run, "--address", nodes().address, "--pictures-per-task", 1, stderr=log)
            while driver.poll() is None and not any(name.endswith(".2x.png") for name in self.names("out/")):
                time.sleep(0.02)
            driver.send_signal(signal.SIGINT)
            status = driver.wait(60)
            log.seek(0)
            said = log.read()
        self.assertEqual(status, 130, said)
        self.assertIn("stopped; run the same command again to resume", said)
        self.assertNotIn("Traceback", said)

    def test_a_bucket_is_as_good_as_a_folder(self):
        pictures = self.archivist.folder / "bucket"
        make_pictures(pictures, PICTURES)
        for name, content in files(pictures).items():
            self.s3.put_object(Bucket="scans", Key=f"in/{name}", Body=content)
        manifest = "uri,note\n" + "".join(f"s3://scans/in/day {n}/00{n}.png{self.where},\n" for n in range(3))
        (self.archivist.folder / "some.csv").write_text(manifest)
        self.archivist.run("enlarge", "bucket", "-r", "-o", "of-bucket", *OPTIONS)
        wanted = files(self.archivist.folder / "of-bucket")

        run = [f"s3://scans/in{self.where}", "some.csv", "--output", f"s3://scans/out{self.where}"]
        self.interrupt(run)
        said = self.archivist.archive(*run)
        self.assertRegex(said, rf"{PICTURES + 3} files: \d+ enlarged, [1-9]\d* left out;")
        found = self.objects("out/")
        tables = [name for name in found if name.startswith("results.parquet/")]
        results = {name: content for name, content in found.items() if name.endswith(".2x.png")}
        records = [name for name in found if name.endswith(".enlarged.json")]
        self.assertEqual(len(found), len(tables) + len(results) + len(records), found.keys())
        for n in range(3):
            self.assertEqual(results.pop(f"scans/in/day {n}/00{n}.2x.png"), wanted[f"day {n}/00{n}.2x.png"])
        self.assertEqual(results, wanted)
        last = max(tables).rpartition("/")[0]
        tables = [found[name] for name in tables if name.startswith(last)]
        rows = [row for table in tables for row in pyarrow.parquet.read_table(io.BytesIO(table)).to_pylist()]
        self.assertEqual(len(rows), PICTURES + 3)
        self.assertIn("s3://scans/in/day 0/000.png", {row["source"] for row in rows})


if __name__ == "__main__":
    unittest.main()
