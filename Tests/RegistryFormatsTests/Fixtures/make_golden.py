#!/usr/bin/env python3
"""Makes golden.json: payloads encoded by fastavro and by Google's Python protobuf, with the JSON they must become.

    pip install fastavro grpcio-tools
    Tests/RegistryFormatsTests/Fixtures/make_golden.py
"""
import base64
import datetime
import decimal
import importlib
import io
import json
import pathlib
import struct
import sys
import tempfile

import fastavro
from grpc_tools import protoc

here = pathlib.Path(__file__).parent
UTC = datetime.timezone.utc

POST_AVRO = {
    "type": "record", "name": "Post", "namespace": "feed", "fields": [
        {"name": "id", "type": "string"},
        {"name": "text", "type": ["null", "string"], "default": None},
        {"name": "seen_at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "edited_at", "type": ["null", {"type": "long", "logicalType": "timestamp-micros"}]},
        {"name": "day", "type": {"type": "int", "logicalType": "date"}},
        {"name": "likes", "type": "long"},
        {"name": "rank", "type": "int"},
        {"name": "score", "type": "double"},
        {"name": "ratio", "type": "float"},
        {"name": "deleted", "type": "boolean"},
        {"name": "kind", "type": {"type": "enum", "name": "Kind", "symbols": ["CREATE", "EDIT", "DELETE"]}},
        {"name": "hash", "type": {"type": "fixed", "name": "Hash", "size": 5}},
        {"name": "raw", "type": "bytes"},
        {"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 20, "scale": 3}},
        {"name": "tags", "type": {"type": "array", "items": "string"}},
        {"name": "counts", "type": {"type": "map", "values": "long"}},
        {"name": "author", "type": {"type": "record", "name": "Author", "fields": [
            {"name": "id", "type": "string"}, {"name": "name", "type": ["null", "string"]}]}},
        {"name": "other", "type": ["null", "Author", "long"]},
        {"name": "kinds", "type": {"type": "array", "items": "feed.Kind"}},
    ]}
TREE_AVRO = {"type": "record", "name": "Tree", "fields": [
    {"name": "label", "type": "string"}, {"name": "below", "type": {"type": "array", "items": "Tree"}}]}
AUTHOR_AVRO = {"type": "record", "name": "Writer", "namespace": "people", "fields": [{"name": "id", "type": "string"}]}
REFERRING_AVRO = {"type": "record", "name": "Note", "namespace": "feed", "fields": [
    {"name": "id", "type": "string"}, {"name": "author", "type": "people.Writer"}]}

AUTHOR_PROTO = 'syntax = "proto3";\npackage people;\n\nmessage Author {\n  string id = 1;\n  string name = 2;\n}\n'
POST_PROTO = '''syntax = "proto3";
package feed;

import "people/author.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";

enum Kind {
  UNKNOWN = 0;
  CREATE = 1;
  EDIT = 2;
}

message Other {
  string id = 1;
}

message Post {
  message Part {
    string label = 1;
  }
  string id = 1;
  string text = 2;
  google.protobuf.Timestamp seen_at = 3;
  google.protobuf.Timestamp never_at = 4;
  int64 likes = 5;
  uint64 serial = 6;
  sint32 rank = 7;
  double score = 8;
  float ratio = 9;
  bool deleted = 10;
  Kind kind = 11;
  bytes raw = 12;
  repeated string tags = 13;
  repeated int32 numbers = 14;
  map<string, int64> counts = 15;
  people.Author author = 16;
  oneof answer {
    string reply_to = 17;
    string repost_of = 18;
  }
  optional string language = 19;
  google.protobuf.StringValue title = 20;
  map<int32, people.Author> editors = 21;
  repeated Post quoted = 22;
  fixed64 wide = 23;
  repeated Part parts = 24;
}
'''


def avro(schema, datum, named=None):
    out = io.BytesIO()
    fastavro.schemaless_writer(out, fastavro.parse_schema(schema, named_schemas=named if named is not None else {}), datum)
    return out.getvalue()


def framed(number, payload):
    return (b"\0" + struct.pack(">I", number) + payload).hex()


def zigzag(*numbers):
    out = b""
    for number in numbers:
        value = number << 1
        while value > 127:
            out += bytes([value & 127 | 128])
            value >>= 7
        out += bytes([value])
    return out


def avro_cases():
    moment = datetime.datetime(2026, 7, 4, 14, 38, 6, 240000, tzinfo=UTC)
    full = {
        "id": "a1", "text": "café \"quoted\" \\ 🚢\n\u0001end", "seen_at": moment,
        "edited_at": datetime.datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC), "day": datetime.date(2024, 2, 29),
        "likes": 9223372036854775807, "rank": -2147483648, "score": 0.1, "ratio": 1.5, "deleted": False, "kind": "EDIT",
        "hash": b"\x00\xff\x10\x80z", "raw": b"\x01\x02", "price": decimal.Decimal("-1234567.891"), "tags": ["x", "y", ""],
        "counts": {"a": -1}, "author": {"id": "me", "name": None}, "other": {"id": "you", "name": "Yo"},
        "kinds": ["CREATE", "DELETE"]}
    shown = dict(
        full, seen_at="2026-07-04T14:38:06.240Z", edited_at="1969-12-31T23:59:59.999999Z", day="2024-02-29",
        hash=base64.b64encode(full["hash"]).decode(), raw=base64.b64encode(full["raw"]).decode(), price="-1234567.891")
    bare = dict(
        full, text=None, edited_at=None, day=datetime.date(1970, 1, 1), likes=0, rank=0, score=-1e300, raw=b"", tags=[],
        counts={}, other=None, kinds=[], price=decimal.Decimal("0.005"), deleted=True, kind="DELETE")
    bare_shown = dict(
        shown, text=None, edited_at=None, day="1970-01-01", likes=0, rank=0, score=-1e300, raw="", tags=[], counts={},
        other=None, kinds=[], price="0.005", deleted=True, kind="DELETE")
    tree = {"label": "root", "below": [{"label": "leaf", "below": []}, {"label": "twig", "below": [{"label": "bud", "below": []}]}]}
    named = {}
    fastavro.parse_schema(AUTHOR_AVRO, named_schemas=named)
    return [
        {"name": "avro, every type", "schema": 1, "value": framed(1, avro(POST_AVRO, full)), "json": shown},
        {"name": "avro, empty things", "schema": 1, "value": framed(1, avro(POST_AVRO, bare)), "json": bare_shown},
        {"name": "avro, recursive", "schema": 2, "value": framed(2, avro(TREE_AVRO, tree)), "json": tree},
        {"name": "avro, with a reference", "schema": 3,
         "value": framed(3, avro(REFERRING_AVRO, {"id": "n1", "author": {"id": "w"}}, named)),
         "json": {"id": "n1", "author": {"id": "w"}}},
        {"name": "avro, a bare text", "schema": 6, "value": framed(6, avro("string", "key-7")), "json": "key-7"},
    ]


def protobuf_cases():
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "people").mkdir()
        (root / "people/author.proto").write_text(AUTHOR_PROTO)
        (root / "post.proto").write_text(POST_PROTO)
        include = str(pathlib.Path(protoc.__file__).parent / "_proto")
        assert protoc.main(["protoc", f"-I{root}", f"-I{include}", f"--python_out={root}", "people/author.proto", "post.proto"]) == 0
        sys.path.insert(0, folder)
        post_module = importlib.import_module("post_pb2")
        Post = post_module.Post
        full = Post(
            id="p1", text="grüezi \"\\ 🚢\t", likes=-5, serial=18446744073709551615, rank=-3, score=0.1, ratio=2.5, deleted=True,
            kind=2, raw=b"\x00\xfe", tags=["a", "b"], numbers=[1, -1, 300], counts={"n": 7}, reply_to="p0", language="de", wide=9)
        full.seen_at.FromJsonString("2026-07-04T14:38:06.240Z")
        full.author.id = "me"
        full.title.value = "T"
        full.editors[-4].id = "ed"
        full.quoted.add(id="q1")
        full.parts.add(label="first")
        empty = {"id": "", "text": "", "likes": 0, "serial": 0, "rank": 0, "score": 0, "ratio": 0, "deleted": False,
                 "kind": "UNKNOWN", "raw": "", "wide": 0}
        shown = {
            "id": "p1", "text": "grüezi \"\\ 🚢\t", "seen_at": "2026-07-04T14:38:06.240000000Z", "likes": -5,
            "serial": 18446744073709551615, "rank": -3, "score": 0.1, "ratio": 2.5, "deleted": True, "kind": "EDIT", "raw": "AP4=",
            "tags": ["a", "b"], "numbers": [1, -1, 300], "counts": {"n": 7}, "author": {"id": "me", "name": ""}, "reply_to": "p0",
            "language": "de", "title": "T", "editors": {"-4": {"id": "ed", "name": ""}}, "quoted": [dict(empty, id="q1")],
            "wide": 9, "parts": [{"label": "first"}]}
        return [
            {"name": "protobuf, every type", "schema": 4, "value": framed(4, zigzag(1, 1) + full.SerializeToString()), "json": shown},
            {"name": "protobuf, nothing set", "schema": 4, "value": framed(4, zigzag(1, 1)), "json": empty},
            {"name": "protobuf, the first message", "schema": 4,
             "value": framed(4, zigzag(0) + post_module.Other(id="o").SerializeToString()), "json": {"id": "o"}},
            {"name": "protobuf, a nested message", "schema": 4,
             "value": framed(4, zigzag(2, 1, 0) + Post.Part(label="x").SerializeToString()), "json": {"label": "x"}},
        ]


schemas = {
    "1": {"schema": json.dumps(POST_AVRO)},
    "2": {"schema": json.dumps(TREE_AVRO), "schemaType": "AVRO"},
    "3": {"schema": json.dumps(REFERRING_AVRO), "references": [{"name": "people.Writer", "subject": "writers/value", "version": 2}]},
    "4": {"schema": POST_PROTO, "schemaType": "PROTOBUF",
          "references": [{"name": "people/author.proto", "subject": "author", "version": 1}]},
    "5": {"schema": "{\"type\": \"object\"}", "schemaType": "JSON"},
    "6": {"schema": "\"string\""},
}
subjects = {
    "writers/value 2": {"schema": json.dumps(AUTHOR_AVRO)},
    "author 1": {"schema": AUTHOR_PROTO, "schemaType": "PROTOBUF"},
}
cases = avro_cases() + protobuf_cases() + [
    {"name": "json, framed", "schema": 5, "value": framed(5, b'{"id": "j", "text": "t"}'), "json": {"id": "j", "text": "t"}}]
golden = {"schemas": schemas, "subjects": subjects, "cases": cases}
(here / "golden.json").write_text(json.dumps(golden, indent=1, sort_keys=True) + "\n")
print(len(cases), "cases")
