#!/usr/bin/python3
"""Makes the vectors of this folder: encodes a moving test picture with GStreamer, pays it into RTP, and writes what went into the payloader
and what came out of it. Debian packages: python3-gst-1.0 and gstreamer1.0-plugins-{base,good,bad,ugly}.

A record is a byte (0 = RTP packet, 1 = encoded frame as it went into the payloader), a length of four bytes, most significant first, and the
bytes; records are in the order in which they were made."""
import gzip
import struct
import sys

import gi

gi.require_version("Gst", "1.0")
from gi.repository import Gst  # noqa: E402

FRAMES = 36
SWITCH = 18                                  # from here on the picture has another size
SIZES = ((160, 90), (130, 98))
PAY = "mtu=300 pt=96 ssrc=305419896 timestamp-offset=4294900000 seqnum-offset=65500"
STREAMS = {
    "vp8": "vp8enc deadline=1 keyframe-max-dist=12 target-bitrate=150000 error-resilient=1 ! tee name=t ! queue ! "
           "rtpvp8pay picture-id-mode=2 " + PAY,
    "vp9": "vp9enc deadline=1 keyframe-max-dist=12 target-bitrate=150000 lag-in-frames=0 ! tee name=t ! queue ! "
           "rtpvp9pay picture-id-mode=2 " + PAY,
    "h264": "x264enc tune=zerolatency key-int-max=12 bitrate=150 threads=1 ! video/x-h264,profile=high ! h264parse config-interval=-1 ! "
            "video/x-h264,stream-format=byte-stream,alignment=au ! tee name=t ! queue ! rtph264pay aggregate-mode=zero-latency " + PAY,
    "h265": "x265enc tune=zerolatency key-int-max=12 bitrate=150 option-string=pools=none:frame-threads=1:repeat-headers=1:info=0 ! "
            "h265parse config-interval=-1 ! "
            "video/x-h265,stream-format=byte-stream,alignment=au ! tee name=t ! queue ! rtph265pay aggregate-mode=zero-latency " + PAY,
    "av1": "av1enc usage-profile=realtime cpu-used=8 lag-in-frames=0 keyframe-max-dist=12 target-bitrate=150 threads=1 ! "
           "av1parse ! video/x-av1,stream-format=obu-stream,alignment=tu ! tee name=t ! queue ! fakesink name=out",
}


def record(name, description):
    out = []
    sink = "" if name == "av1" else " ! appsink name=out emit-signals=true sync=false max-buffers=0"
    pipeline = Gst.parse_launch(
        f"videotestsrc num-buffers={FRAMES} pattern=ball is-live=false ! video/x-raw,framerate=15/1 ! videoscale ! "
        f"capsfilter name=size ! {description}{sink} t. ! queue ! appsink name=source emit-signals=true sync=false max-buffers=0")
    size = pipeline.get_by_name("size")
    seen = [0]

    def set_size(index):
        width, height = SIZES[index]
        size.set_property("caps", Gst.Caps.from_string(f"video/x-raw,format=I420,width={width},height={height},framerate=15/1,pixel-aspect-ratio=1/1"))

    def count(pad, info):
        seen[0] += 1
        if seen[0] == SWITCH:
            set_size(1)
        return Gst.PadProbeReturn.OK

    def take(sink, kind):
        buffer = sink.emit("pull-sample").get_buffer()
        out.append((kind, buffer.extract_dup(0, buffer.get_size())))
        return Gst.FlowReturn.OK

    set_size(0)
    size.get_static_pad("src").add_probe(Gst.PadProbeType.BUFFER, count)
    pipeline.get_by_name("source").connect("new-sample", take, 1)
    if name != "av1":
        pipeline.get_by_name("out").connect("new-sample", take, 0)
    pipeline.set_state(Gst.State.PLAYING)
    message = pipeline.get_bus().timed_pop_filtered(60 * Gst.SECOND, Gst.MessageType.EOS | Gst.MessageType.ERROR)
    if message is None or message.type == Gst.MessageType.ERROR:
        sys.exit(f"{name}: {message.parse_error() if message else 'timed out'}")
    pipeline.set_state(Gst.State.NULL)
    with gzip.GzipFile(f"{name}.rec.gz", "wb", 9, mtime=0) as file:
        for kind, data in out:
            file.write(struct.pack(">BI", kind, len(data)) + data)
    print(name, sum(kind == 0 for kind, _ in out), "packets", sum(kind == 1 for kind, _ in out), "frames", sum(len(d) for _, d in out), "bytes")


Gst.init(None)
for name in sys.argv[1:] or STREAMS:
    record(name, STREAMS[name])
