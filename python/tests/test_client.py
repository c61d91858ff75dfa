"""The client against a real server at TROJANSCOPE_URL: vitest starts one on an empty folder and runs this.

TROJANSCOPE_URL=http://127.0.0.1:4000 python3 -m unittest discover python/tests
"""

import contextlib
import functools
import io
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest
import uuid
from unittest import mock
from urllib.parse import urlsplit

import httpx
import numpy

from trojanscope import Client, JobFailed, Run, TrojanscopeError, Unreachable, frame, records, wire

TINY = {"dataset": "shapes", "architecture": "lenet", "recipe": {"epochs": 1}}
LONG = {**TINY, "recipe": {"epochs": 60}}
PATCH = {"badnets": {"patchSizePx": 3, "corner": "bottomRight", "marginPx": 3}}


@functools.lru_cache(maxsize=None)
def trained():
    """One model and one sweep for all tests."""
    client = Client()
    run = client.implant(**{**TINY, "recipe": {"epochs": 4}}, attack=PATCH, targetLabel=0, name="ours")
    model = run.wait(timeout=300, progress=False)
    wanted = {"transform": "rotation", "target": "IMAGE", "values": [0, 15, 90], "samples": 150}
    sweep = client.run_sweep(modelId=model.id, **wanted).wait(timeout=300, progress=False)
    return client, model, sweep, client.curves(sweepIds=[sweep.id])


class Trained(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.client, cls.model, cls.sweep, cls.points = trained()
        cls.rows = Client(frames=False)


class Tables(Trained):
    def test_what_was_made(self):
        self.assertEqual(
            (self.model.status, self.model.kind, self.model.name), ("SUCCEEDED", "TROJANED", "ours")
        )
        # 500 test images of four classes alike: three are not the target's.
        self.assertEqual((self.model.cleanAccuracy.denominator, self.model.asr.denominator), (500, 375))
        self.assertEqual(self.model.attackParameters["patchSizePx"], 3)
        self.assertEqual((self.sweep.values, self.sweep.samplesUsed), ([0.0, 15.0, 90.0], 150))
        self.assertIsInstance(self.sweep.values[0], float)

    def test_curves(self):
        self.assertEqual(list(self.points["value"]), [0, 15, 90])
        for _, point in self.points.iterrows():
            self.assertEqual(point["asr.value"], point["asr.numerator"] / 150)
            self.assertEqual(point["asr.numerator"], point["targetCount"])
            self.assertLess(point["asr.low"], point["asr.high"])
        self.assertEqual(set(self.points["model.id"]), {self.model.id})
        self.assertEqual(self.points["model.attackParameters"][0]["pattern"], "square")
        other = self.client.curves(transform="mirror")
        self.assertEqual((len(other), list(other.columns)), (0, list(self.points.columns)))

    def test_lists_of_dicts(self):
        rows = self.rows.curves(sweepIds=[self.sweep.id])
        self.assertEqual(list(rows[0]), list(self.points.columns))
        self.assertEqual([row["asr.value"] for row in rows], list(self.points["asr.value"]))
        with mock.patch.dict(sys.modules, {"pandas": None}):
            count = self.client.execute("{ models(first: 1) { totalCount } }")["models"]["totalCount"]
            self.assertEqual(len(self.rows.models()), count)
            with self.assertRaisesRegex(ImportError, r"pip install pandas.*frames=False"):
                self.client.models()

    def test_lists(self):
        models = self.client.models(filter={"kind": "TROJANED", "search": "ours"}).set_index("id")
        self.assertEqual(models.loc[self.model.id, "asr.value"], self.model.asr.value)
        self.assertEqual(models.loc[self.model.id, "targetLabel.name"], "square")
        self.assertIn(self.sweep.id, list(self.client.sweeps(filter={"modelId": self.model.id})["id"]))
        self.assertEqual(len(self.client.jobs(limit=2)), 2)
        self.assertEqual(len(self.client.detections(filter={"tags": ["none has this"]})), 0)

    def test_outcomes_over_pages(self):
        point = self.client.get(self.points["id"][1])
        self.assertIsInstance(point, records.Point)
        outcomes = self.client.outcomes(point)
        self.assertEqual(outcomes["id"].nunique(), 150)
        counts = outcomes["kind"].value_counts()
        self.assertEqual(
            [int(counts.get(kind, 0)) for kind in ("TARGET", "TRUTH", "OTHER")],
            [point.targetCount, point.truthCount, point.otherCount],
        )
        self.assertTrue((outcomes["trueLabel.index"] != 0).all())
        self.assertEqual(list(self.client.outcomes(point, limit=103)["id"]), list(outcomes["id"][:103]))
        fired = self.client.outcomes(
            self.points.iloc[0], kind="TARGET", orderBy={"field": "CONFIDENCE", "direction": "DESC"}
        )
        self.assertEqual(len(fired), self.points["targetCount"][0])
        self.assertTrue(fired["confidence"].is_monotonic_decreasing)

    def test_smaller_pages_where_one_takes_too_long(self):
        asked, ask = [], self.client._wire.ask

        def slow(query, variables):
            asked.append(variables["first"])
            if variables["first"] > 30:
                raise TrojanscopeError("TIMEOUT", "too long")
            return ask(query, variables)

        with mock.patch.object(self.client._wire, "ask", slow):
            outcomes = self.client.outcomes(self.points["id"][0], limit=60)
        self.assertEqual((len(outcomes), asked), (60, [60, 30, 30]))

    def test_pictures(self):
        first = self.client.outcomes(self.points["id"][0], limit=1).iloc[0]
        image, clean = first["image"].array(), first["sample.image"].array()
        self.assertEqual((image.shape, image.dtype), ((28, 28, 3), numpy.uint8))
        # 3 px off the corner of 28, so rows and columns 22 to 24 are white, and all else is as it was.
        self.assertTrue((image[22:25, 22:25] == 255).all())
        image[22:25, 22:25] = clean[22:25, 22:25]
        self.assertTrue((image == clean).all())
        self.assertTrue(first["image"]._repr_png_().startswith(b"\x89PNG"))

    def test_probe(self):
        five = numpy.arange(6)[5]  # as a column of a table has it
        probe = self.client.probe(
            modelId=self.model.id, sampleIndex=five, trigger=True, explain={"copies": 4}
        )
        # The shapes take turns: 5 is a disc.
        self.assertEqual(probe.trueLabel, records.Label(index=1, name="disc"))
        self.assertEqual(probe.triggerBox, records.Box(left=22, top=22, width=3, height=3))
        self.assertAlmostEqual(sum(each.probability for each in probe.probabilities), 1, places=5)
        self.assertTrue((probe.image.array()[22:25, 22:25] == 255).all())
        self.assertEqual(probe.saliency.array().shape, (28, 28, 3))
        bare = self.client.probe(modelId=self.model.id, sampleIndex=5)
        self.assertEqual((bare.kind, bare.saliency, bare.triggerBox), (None, None, None))

    def test_explanations(self):
        column = self.client.outcomes(self.points["id"][0], limit=2)["id"]
        ids = list(column)
        run = self.client.explain(outcomeIds=column, copies=4)
        first, second = run.wait(timeout=120, progress=False)
        self.assertEqual([first.outcome.id, second.outcome.id], ids)
        self.assertEqual((first.status, first.settings["copies"]), ("SUCCEEDED", 4))
        self.assertEqual(first.overlay.array().shape, (28, 28, 3))
        again = self.client.explain(outcomeIds=ids, copies=4).wait(timeout=60, progress=False)
        self.assertEqual([each.id for each in again], [first.id, second.id])
        self.assertEqual(self.client.run(first.id).wait(progress=False), first)

    def test_detector(self):
        detection = self.client.run_detector(
            modelId=self.model.id, detector={"scaleUp": {}}, samples=40
        ).wait(progress=False)
        roc = frame(detection.measures.roc)
        self.assertEqual((roc["falsePositiveRate"].iloc[0], roc["truePositiveRate"].iloc[-1]), (0, 1))
        self.assertEqual((detection.samplesUsed, detection.detector.id), (40, "scaleUp"))

    def test_largest_range_and_comparison(self):
        found = self.client.find_largest_range(
            modelId=self.model.id, transform="rotation", limit=20, step=10, precision=10, samples=50
        ).wait(progress=False)
        self.assertEqual([trial.value for trial in found.trials][:2], [0.0, 10.0])
        defeated = self.points["id"][2]
        compared = self.client.compare_explainers(pointId=defeated, samples=2).wait(
            timeout=120, progress=False
        )
        self.assertEqual((compared.samples, compared.waiting, compared.missing), (2, 0, []))
        # Each method untransformed and defeated.
        table = frame(compared.rows)
        self.assertEqual(sorted(table["explainer.id"].value_counts()), [2] * table["explainer.id"].nunique())
        self.assertEqual(list(table["defeated"]), [False, True] * (len(table) // 2))
        self.assertEqual(self.client.run(defeated).wait(progress=False), compared)

    def test_study(self):
        run = self.client.run_study(preset="smoke", seed=int(time.time()))
        self.assertEqual(run.fetch().preset.id, "smoke")
        self.assertGreater(len(run.jobs()), 5)
        run.cancel()
        with self.assertRaises(JobFailed) as caught:
            run.wait(timeout=60, progress=False)
        self.assertEqual(caught.exception.code, "ABORTED")
        again = {job.status for job in run.retry().jobs()}
        self.assertLessEqual(again, {"QUEUED", "RUNNING", "SUCCEEDED"})
        run.cancel()

    def test_study_of_a_model_that_is_there(self):
        def document(model):
            return (
                f"title: Mine\nsamples: 20\nmodels:\n  - model: {model}\n"
                "sweeps:\n  - { transform: rotation, target: IMAGE, values: [0, 90] }\n"
            )

        study = self.client.run_study(document=document(self.model.id)).wait(timeout=120, progress=False)
        self.assertEqual((study.name, study.status), ("Mine", "SUCCEEDED"))
        with self.assertRaises(TrojanscopeError) as caught:
            self.client.run_study(document=document("mod_none"))
        self.assertEqual(
            (caught.exception.code, caught.exception.field), ("NOT_FOUND", ("document", "models", "0", "model"))
        )
        self.assertRegex(str(caught.exception), "line 4, column 12: There is no model mod_none")


class Refusals(Trained):
    def refused(self, call):
        with self.assertRaises(TrojanscopeError) as caught:
            call()
        return caught.exception.code, caught.exception.field

    def test_code_and_field(self):
        wrong = {"badnets": {"patchSizePx": 0}}
        self.assertEqual(
            self.refused(lambda: self.client.implant(**TINY, attack=wrong)),
            ("BAD_USER_INPUT", ("attack", "badnets", "patchSizePx")),
        )
        sweep = {"modelId": "mod_none", "transform": "rotation", "target": "IMAGE"}
        self.assertEqual(self.refused(lambda: self.client.run_sweep(**sweep)), ("NOT_FOUND", ("modelId",)))
        self.assertEqual(self.refused(lambda: self.client.get("pnt_none"))[0], "NOT_FOUND")
        self.assertEqual(self.refused(lambda: self.client.outcomes("pnt_none"))[0], "NOT_FOUND")
        self.assertEqual(
            self.refused(lambda: self.client.execute("{ nothing }"))[0], "GRAPHQL_VALIDATION_FAILED"
        )
        self.assertEqual(
            self.refused(
                lambda: next(self.client.subscribe('subscription { jobProgress(jobId: "x") { done } }'))
            ),
            ("NOT_FOUND", ("jobId",)),
        )

    def test_what_is_no_value(self):
        with self.assertRaisesRegex(TypeError, r"got Run\('mod_1'\)"):
            self.client.probe(modelId=Run(self.client, "mod_1", list, list), sampleIndex=0)

    def test_no_server(self):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            with self.assertRaisesRegex(
                Unreachable, "UNREACHABLE: http://127.0.0.1:[0-9]+/graphql does not answer"
            ):
                Client(f"http://127.0.0.1:{unused.getsockname()[1]}", patience=0.5).models()


class Again(Trained):
    """Requests that are sent again."""

    def client_by(self, handler, **options):
        client = Client(**options)
        client._wire._http = httpx.Client(transport=httpx.MockTransport(handler))
        return client

    def test_waits_as_long_as_it_is_told(self):
        answers = [
            httpx.Response(
                429,
                headers={"retry-after": "7"},
                json={"errors": [{"message": "", "extensions": {"code": "RATE_LIMITED"}}]},
            ),
            httpx.Response(503),
            httpx.Response(200, json={"data": {"server": {"version": "1"}}}),
        ]
        with mock.patch.object(wire.time, "sleep") as sleep:
            client = self.client_by(lambda request: answers.pop(0))
            self.assertEqual(client.execute("{ server { version } }"), {"server": {"version": "1"}})
        self.assertEqual([call.args[0] for call in sleep.call_args_list], [7.0, 0.5])

    def test_what_was_found_beside_errors(self):
        errors = [
            {"message": m, "extensions": {"code": c}} for m, c in (("late", "TIMEOUT"), ("ours", "INTERNAL"))
        ]
        client = self.client_by(
            lambda request: httpx.Response(200, json={"data": {"a": 1}, "errors": errors})
        )
        with self.assertRaises(TrojanscopeError) as caught:
            client.execute("{ a b c }")
        self.assertEqual((str(caught.exception), caught.exception.data), ("TIMEOUT: late", {"a": 1}))
        self.assertEqual([other.code for other in caught.exception.others], ["INTERNAL"])

    def test_gives_up_when_patience_is_over(self):
        told = {
            "errors": [{"message": "Ask again in 50 s.", "extensions": {"code": "RATE_LIMITED", "field": []}}]
        }
        client = self.client_by(
            lambda request: httpx.Response(429, headers={"retry-after": "50"}, json=told), patience=10
        )
        with self.assertRaises(TrojanscopeError) as caught:
            client.execute("{ server { version } }")
        self.assertEqual(caught.exception.code, "RATE_LIMITED")

    def test_starts_nothing_twice(self):
        """The first answer is lost on its way, as when a connection breaks."""
        real, lost = httpx.HTTPTransport(), []

        def lose_first(request):
            response = real.handle_request(request)
            response.read()
            if b"mutation" in request.content and not lost:
                lost.append(request)
                raise httpx.ReadError("cut")
            return response

        client = self.client_by(lose_first)
        sweep = {
            "modelId": self.model.id,
            "transform": "blur",
            "target": "IMAGE",
            "values": [0, 1],
            "samples": 20,
        }
        run = client.run_sweep(**sweep)
        self.assertEqual(run.wait(timeout=60, progress=False).status, "SUCCEEDED")
        self.assertEqual(len(lost), 1)
        self.assertEqual(
            list(self.client.sweeps(filter={"modelId": self.model.id, "transform": "blur"})["id"]), [run.id]
        )

    def test_sends_once_what_has_no_key(self):
        sent = []

        def lose(request):
            sent.append(request)
            raise httpx.ReadError("cut")

        with self.assertRaises(Unreachable):
            self.client_by(lose).execute("mutation { logout(input: {}) { errors { code } } }")
        self.assertEqual(len(sent), 1)

    def test_the_same_key_is_the_same_run(self):
        sweep = {
            "modelId": self.model.id,
            "transform": "noise",
            "target": "IMAGE",
            "values": [0, 8],
            "samples": 20,
        }
        key = str(uuid.uuid4())
        first, second = (self.client.run_sweep(**sweep, idempotencyKey=key) for _ in range(2))
        self.assertEqual(first.id, second.id)


class Proxy:
    """Passes bytes on; `cut` ends a websocket after so many bytes of the server's, or refuses it at 0."""

    def __init__(self, url, cut):
        self.target = (urlsplit(url).hostname, urlsplit(url).port)
        self.cut, self.websockets = cut, 0
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listening.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self.serve, args=(self.listening.accept()[0],), daemon=True).start()

    def serve(self, near):
        with near, socket.create_connection(self.target) as far, contextlib.suppress(OSError):
            first = near.recv(65536)
            left = None
            if b"upgrade: websocket" in first.lower():
                self.websockets += 1
                left = self.cut
            if left == 0:
                return
            # Hosts are known by name, whatever their port.
            far.sendall(first)
            threading.Thread(target=self.pass_on, args=(near, far), daemon=True).start()
            while left is None or left > 0:
                piece = far.recv(65536)
                if not piece:
                    return
                near.sendall(piece)
                left = None if left is None else left - len(piece)
            near.shutdown(socket.SHUT_RDWR)

    def pass_on(self, near, far):
        with contextlib.suppress(OSError):
            while piece := near.recv(65536):
                far.sendall(piece)


class Waiting(Trained):
    def follow(self, **more):
        sweep = {"modelId": self.model.id, "target": "IMAGE", "samples": 200, "transform": "rotation"}
        return {**sweep, "values": list(range(0, 40)), **more}

    def test_through_cut_websockets(self):
        # The handshake is some 130 bytes, a message some 180.
        for cut in (400, 0):
            proxy = Proxy(self.client.url, cut)
            client = Client(proxy.url)
            run = client.implant(
                **{**TINY, "recipe": {"epochs": 12}}, attack=PATCH, benignModelId=self.model.benign.id
            )
            self.assertEqual(run.wait(timeout=120, progress=False).status, "SUCCEEDED")
            self.assertGreater(proxy.websockets, 1)
            proxy.listening.close()

    def test_lines_without_tqdm(self):
        said = io.StringIO()
        with (
            mock.patch.dict(sys.modules, {"tqdm": None, "tqdm.auto": None}),
            contextlib.redirect_stderr(said),
        ):
            self.client.run_sweep(**self.follow()).wait(timeout=60)
        lines = said.getvalue().splitlines()
        self.assertRegex(lines[-1], r"^Rotation of the image: \w+ 40/40 points$")
        self.assertLess(len(lines), 20)

    def test_bar_with_tqdm(self):
        said = io.StringIO()
        with contextlib.redirect_stderr(said):
            self.client.run_sweep(**self.follow()).wait(timeout=60)
        self.assertIn("40/40", said.getvalue())
        self.assertIn("Rotation of the image", said.getvalue())

    def test_timeout_cancel_and_retry(self):
        run = self.client.train(**LONG)
        started = time.monotonic()
        with self.assertRaises(TimeoutError):
            run.wait(timeout=0.3, progress=False)
        self.assertLess(time.monotonic() - started, 5)
        self.assertIn(run.fetch().status, ("QUEUED", "RUNNING"))
        run.cancel()
        with self.assertRaises(JobFailed) as caught:
            run.wait(progress=False)
        self.assertEqual((caught.exception.code, caught.exception.job.status), ("ABORTED", "CANCELLED"))
        self.assertIn(run.retry().fetch().status, ("QUEUED", "RUNNING"))
        run.cancel()

    def test_what_it_needs_is_cancelled(self):
        run = self.client.implant(**LONG, attack=PATCH, seed=7)
        benign = self.client.run(run.fetch().benign.id)
        benign.cancel()
        with self.assertRaises(JobFailed) as caught:
            run.wait(timeout=60, progress=False)
        self.assertEqual(caught.exception.job.id, benign.jobs()[0].id)
        run.cancel()

    def test_control_c_leaves_it_running(self):
        program = "import sys; from trojanscope import Client; Client().run(sys.argv[1]).wait()"
        run = self.client.train(**LONG, seed=8)
        with subprocess.Popen(
            [sys.executable, "-u", "-c", program, run.id], stderr=subprocess.PIPE, text=True
        ) as waiting:
            while not waiting.stderr.read(1):
                time.sleep(0.05)
            time.sleep(0.5)
            waiting.send_signal(signal.SIGINT)
            said = waiting.stderr.read()
        self.assertIn(
            f"No longer waiting; the server goes on: client.run('{run.id}').wait() waits again", said
        )
        self.assertIn("KeyboardInterrupt", said)
        self.assertIn(run.fetch().status, ("QUEUED", "RUNNING"))
        run.cancel()

    def test_found_again(self):
        self.assertEqual(self.client.run(self.sweep.id).wait(progress=False), self.sweep)
        job = self.client.run(self.sweep.job.id).wait(progress=False)
        self.assertEqual((job.kind, job.status), ("sweep", "SUCCEEDED"))


if __name__ == "__main__":
    os.environ.setdefault("TROJANSCOPE_URL", "http://127.0.0.1:4000")
    unittest.main()
