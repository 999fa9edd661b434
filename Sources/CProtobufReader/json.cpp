// One message to JSON: measured first, then parsed, then written. The names are those of the .proto file. Fields without
// presence are written even at their default, so that an empty text is a text and no missing field.
#include "protobuf_reader.h"
#include "schema.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/message.h>
#include <google/protobuf/wire_format_lite.h>

#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <limits>
#include <vector>

namespace pb = google::protobuf;
using Field = pb::FieldDescriptor;
using Wire = pb::internal::WireFormatLite;

namespace {

/// What the messages of one payload may take in memory.
constexpr size_t largest_memory = 128u << 20;

/// Counts what parsing would allocate: two bytes of payload can ask for a message of hundreds of fields.
struct Measure {
    size_t memory = 0;
    int deepest = 0;

    pb::FieldDescriptor const *field(const pb::Descriptor *type, uint32_t tag) const {
        return type == nullptr ? nullptr : type->FindFieldByNumber(Wire::GetTagFieldNumber(tag));
    }

    protobuf_outcome message(pb::io::CodedInputStream &input, const pb::Descriptor *type, int depth, int group) {
        if (depth > deepest) return PROTOBUF_TOO_DEEP;
        memory += 128 + (type == nullptr ? 0 : 40 * static_cast<size_t>(type->field_count()));
        if (memory > largest_memory) return PROTOBUF_TOO_LARGE;
        while (uint32_t tag = input.ReadTag()) {
            const Field *known = field(type, tag);
            const pb::Descriptor *inner = known != nullptr ? known->message_type() : nullptr;
            protobuf_outcome outcome = PROTOBUF_READ;
            switch (Wire::GetTagWireType(tag)) {
            case Wire::WIRETYPE_START_GROUP:
                outcome = message(input, inner, depth + 1, Wire::GetTagFieldNumber(tag));
                break;
            case Wire::WIRETYPE_END_GROUP:
                return Wire::GetTagFieldNumber(tag) == group ? PROTOBUF_READ : PROTOBUF_MALFORMED;
            case Wire::WIRETYPE_LENGTH_DELIMITED: {
                uint32_t length = 0;
                if (!input.ReadVarint32(&length) || length > std::numeric_limits<int>::max()) return PROTOBUF_MALFORMED;
                if (inner == nullptr) {
                    memory += 64 + 8 * static_cast<size_t>(length);
                    if (memory > largest_memory) return PROTOBUF_TOO_LARGE;
                    if (!input.Skip(static_cast<int>(length))) return PROTOBUF_MALFORMED;
                    break;
                }
                auto limit = input.PushLimit(static_cast<int>(length));
                outcome = message(input, inner, depth + 1, 0);
                if (outcome == PROTOBUF_READ && input.BytesUntilLimit() != 0) outcome = PROTOBUF_MALFORMED;
                input.PopLimit(limit);
                break;
            }
            default:
                memory += 32;
                if (!skip_number(input, tag)) return PROTOBUF_MALFORMED;
            }
            if (outcome != PROTOBUF_READ) return outcome;
        }
        return group == 0 && input.ConsumedEntireMessage() ? PROTOBUF_READ : PROTOBUF_MALFORMED;
    }

    static bool skip_number(pb::io::CodedInputStream &input, uint32_t tag) {
        uint64_t wide = 0;
        uint32_t narrow = 0;
        switch (Wire::GetTagWireType(tag)) {
        case Wire::WIRETYPE_VARINT: return input.ReadVarint64(&wide);
        case Wire::WIRETYPE_FIXED64: return input.ReadLittleEndian64(&wide);
        case Wire::WIRETYPE_FIXED32: return input.ReadLittleEndian32(&narrow);
        default: return false;
        }
    }
};

class Writer {
public:
    explicit Writer(size_t largest) : largest_(largest) {}
    std::string text;

    /// False once the text is too large.
    bool message(const pb::Message &message) {
        const pb::Descriptor *type = message.GetDescriptor();
        if (type->full_name() == "google.protobuf.Timestamp") return timestamp(message);
        if (is_wrapper(type)) return value(message, type->field(0), -1);
        const pb::Reflection *reflection = message.GetReflection();
        text += '{';
        bool first = true;
        for (int i = 0; i < type->field_count(); i++) {
            const Field *field = type->field(i);
            const bool is_there = field->is_repeated() ? reflection->FieldSize(message, field) > 0
                                                       : !field->has_presence() || field->has_default_value()
                                                             || reflection->HasField(message, field);
            if (!is_there) continue;
            if (!first) text += ',';
            first = false;
            string(field->name());
            text += ':';
            if (!(field->is_repeated() ? repeated(message, field) : value(message, field, -1))) return false;
        }
        text += '}';
        return text.size() <= largest_;
    }

private:
    size_t largest_;

    static bool is_wrapper(const pb::Descriptor *type) {
        return type->file()->name() == "google/protobuf/wrappers.proto" && type->field_count() == 1;
    }

    bool repeated(const pb::Message &message, const Field *field) {
        const pb::Reflection *reflection = message.GetReflection();
        const bool is_map = field->is_map();
        text += is_map ? '{' : '[';
        for (int i = 0; i < reflection->FieldSize(message, field); i++) {
            if (i > 0) text += ',';
            if (is_map) {
                const pb::Message &entry = reflection->GetRepeatedMessage(message, field, i);
                const size_t start = text.size();
                if (!value(entry, field->message_type()->map_key(), -1)) return false;
                // A key that is a number or a flag becomes a text.
                if (text[start] != '"') {
                    text.insert(start, 1, '"');
                    text += '"';
                }
                text += ':';
                if (!value(entry, field->message_type()->map_value(), -1)) return false;
            } else if (!value(message, field, i)) {
                return false;
            }
        }
        text += is_map ? '}' : ']';
        return text.size() <= largest_;
    }

    /// One value: the field itself for index -1, else an element of it.
    bool value(const pb::Message &message, const Field *field, int index) {
        const pb::Reflection *r = message.GetReflection();
        const bool one = index < 0;
        switch (field->cpp_type()) {
        case Field::CPPTYPE_INT32:
            text += std::to_string(one ? r->GetInt32(message, field) : r->GetRepeatedInt32(message, field, index));
            break;
        case Field::CPPTYPE_INT64:
            text += std::to_string(one ? r->GetInt64(message, field) : r->GetRepeatedInt64(message, field, index));
            break;
        case Field::CPPTYPE_UINT32:
            text += std::to_string(one ? r->GetUInt32(message, field) : r->GetRepeatedUInt32(message, field, index));
            break;
        case Field::CPPTYPE_UINT64:
            text += std::to_string(one ? r->GetUInt64(message, field) : r->GetRepeatedUInt64(message, field, index));
            break;
        case Field::CPPTYPE_DOUBLE: number(one ? r->GetDouble(message, field) : r->GetRepeatedDouble(message, field, index)); break;
        case Field::CPPTYPE_FLOAT: number(one ? r->GetFloat(message, field) : r->GetRepeatedFloat(message, field, index)); break;
        case Field::CPPTYPE_BOOL:
            text += (one ? r->GetBool(message, field) : r->GetRepeatedBool(message, field, index)) ? "true" : "false";
            break;
        case Field::CPPTYPE_ENUM: {
            const int number = one ? r->GetEnumValue(message, field) : r->GetRepeatedEnumValue(message, field, index);
            const pb::EnumValueDescriptor *known = field->enum_type()->FindValueByNumber(number);
            if (known != nullptr) string(known->name());
            else text += std::to_string(number);
            break;
        }
        case Field::CPPTYPE_STRING: {
            const std::string bytes = one ? r->GetString(message, field) : r->GetRepeatedString(message, field, index);
            if (field->type() == Field::TYPE_BYTES) base64(bytes);
            else string(bytes);
            break;
        }
        case Field::CPPTYPE_MESSAGE:
            return this->message(one ? r->GetMessage(message, field) : r->GetRepeatedMessage(message, field, index));
        }
        return text.size() <= largest_;
    }

    template <typename Number> void number(Number value) {
        if (!std::isfinite(value)) {
            text += "null";
            return;
        }
        char digits[64];
        const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
        text.append(digits, end);
    }

    /// Bytes that are no UTF-8 stay: whoever reads the JSON makes them safe.
    void string(const std::string &bytes) {
        text += '"';
        for (const char c : bytes) {
            if (c == '"' || c == '\\') {
                text += '\\';
                text += c;
            } else if (static_cast<unsigned char>(c) < 0x20) {
                char escape[8];
                std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
                text += escape;
            } else {
                text += c;
            }
        }
        text += '"';
    }

    void base64(const std::string &bytes) {
        static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        text += '"';
        for (size_t i = 0; i < bytes.size(); i += 3) {
            const size_t left = bytes.size() - i;
            uint32_t group = static_cast<uint8_t>(bytes[i]) << 16;
            if (left > 1) group |= static_cast<uint8_t>(bytes[i + 1]) << 8;
            if (left > 2) group |= static_cast<uint8_t>(bytes[i + 2]);
            text += letters[group >> 18];
            text += letters[(group >> 12) & 63];
            text += left > 1 ? letters[(group >> 6) & 63] : '=';
            text += left > 2 ? letters[group & 63] : '=';
        }
        text += '"';
    }

    /// ISO 8601 with nine digits of the fraction, so that times sort as texts; null outside of the years 1 to 9999.
    bool timestamp(const pb::Message &message) {
        const pb::Descriptor *type = message.GetDescriptor();
        const Field *seconds_field = type->FindFieldByName("seconds");
        const Field *nanos_field = type->FindFieldByName("nanos");
        // A file of somebody else may call anything a timestamp.
        const bool is_own = seconds_field != nullptr && nanos_field != nullptr
                            && seconds_field->cpp_type() == Field::CPPTYPE_INT64 && !seconds_field->is_repeated()
                            && nanos_field->cpp_type() == Field::CPPTYPE_INT32 && !nanos_field->is_repeated();
        const int64_t seconds = is_own ? message.GetReflection()->GetInt64(message, seconds_field) : 0;
        const int32_t nanos = is_own ? message.GetReflection()->GetInt32(message, nanos_field) : -1;
        const time_t time = static_cast<time_t>(seconds);
        struct tm parts;
        if (nanos < 0 || nanos > 999999999 || seconds < -62135596800 || seconds > 253402300799 || gmtime_r(&time, &parts) == nullptr) {
            text += "null";
            return true;
        }
        char written[64];
        std::snprintf(written, sizeof written, "\"%04d-%02d-%02dT%02d:%02d:%02d.%09dZ\"", parts.tm_year + 1900, parts.tm_mon + 1,
                      parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, nanos);
        text += written;
        return true;
    }
};

const pb::Descriptor *find(const protobuf_schema *schema, const int32_t *path, size_t length) {
    const pb::Descriptor *type = nullptr;
    for (size_t i = 0; i < length; i++) {
        const int count = type == nullptr ? schema->file->message_type_count() : type->nested_type_count();
        if (path[i] < 0 || path[i] >= count) return nullptr;
        type = type == nullptr ? schema->file->message_type(path[i]) : type->nested_type(path[i]);
    }
    return type;
}

protobuf_outcome read(protobuf_schema *schema, const int32_t *path, size_t path_length, const uint8_t *bytes, size_t length,
                      size_t largest_json, int deepest, std::string &json) {
    const pb::Descriptor *type = find(schema, path, path_length);
    if (type == nullptr) return PROTOBUF_NO_SUCH_MESSAGE;
    if (length > static_cast<size_t>(std::numeric_limits<int>::max())) return PROTOBUF_TOO_LARGE;
    const int size = static_cast<int>(length);
    Measure measure;
    measure.deepest = deepest;
    pb::io::CodedInputStream measured(bytes, size);
    const protobuf_outcome outcome = measure.message(measured, type, 1, 0);
    if (outcome != PROTOBUF_READ) return outcome;
    std::unique_ptr<pb::Message> message(schema->factory->GetPrototype(type)->New());
    pb::io::CodedInputStream input(bytes, size);
    input.SetRecursionLimit(2 * deepest + 2);
    if (!message->ParsePartialFromCodedStream(&input) || !input.ConsumedEntireMessage()) return PROTOBUF_MALFORMED;
    Writer writer(largest_json);
    if (!writer.message(*message)) return PROTOBUF_TOO_LARGE;
    json.swap(writer.text);
    return PROTOBUF_READ;
}

}  // namespace

extern "C" protobuf_outcome protobuf_to_json(protobuf_schema *schema, const int32_t *path, size_t path_length, const uint8_t *bytes,
                                             size_t length, size_t largest_json, int deepest, char **json, size_t *json_length) {
    *json = nullptr;
    *json_length = 0;
    try {
        std::string text;
        const protobuf_outcome outcome = read(schema, path, path_length, bytes, length, largest_json, deepest, text);
        if (outcome != PROTOBUF_READ) return outcome;
        *json = static_cast<char *>(std::malloc(text.size() + 1));
        if (*json == nullptr) return PROTOBUF_FAILED;
        std::memcpy(*json, text.data(), text.size());
        *json_length = text.size();
        return PROTOBUF_READ;
    } catch (...) {
        return PROTOBUF_FAILED;
    }
}

extern "C" void protobuf_json_free(char *json) { std::free(json); }
