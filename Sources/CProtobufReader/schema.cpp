// Reading .proto texts into descriptors.
#include "protobuf_reader.h"
#include "schema.hpp"

#include <google/protobuf/any.pb.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/empty.pb.h>
#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/wrappers.pb.h>

#include <cstdio>
#include <new>

namespace pb = google::protobuf;

pb::io::ZeroCopyInputStream *MemorySourceTree::Open(const std::string &name) {
    auto given = files.find(name);
    if (given != files.end()) {
        return new pb::io::ArrayInputStream(given->second.data(), static_cast<int>(given->second.size()));
    }
    if (name.rfind("google/protobuf/", 0) == 0) {
        const pb::FileDescriptor *own = pb::DescriptorPool::generated_pool()->FindFileByName(name);
        if (own != nullptr) {
            std::string &text = own_[name];
            text = own->DebugString();
            return new pb::io::ArrayInputStream(text.data(), static_cast<int>(text.size()));
        }
    }
    if (missing.empty()) missing = name;
    return nullptr;
}

void FirstError::AddError(const std::string &file, int line, int, const std::string &message) {
    if (!text.empty()) return;
    text = file + " line " + std::to_string(line + 1) + ": " + message;
}

// Naming a symbol of each file makes the linker keep what registers it.
static void keep_own_files() {
    pb::Any::descriptor();
    pb::Duration::descriptor();
    pb::Empty::descriptor();
    pb::FieldMask::descriptor();
    pb::Struct::descriptor();
    pb::Timestamp::descriptor();
    pb::StringValue::descriptor();
}

extern "C" protobuf_schema *protobuf_schema_read(const char *const *names, const char *const *texts, const size_t *lengths,
                                                 size_t count, char *fault, size_t fault_capacity) {
    try {
        // The library would write its own account of a bad schema to standard error.
        pb::SetLogHandler(nullptr);
        keep_own_files();
        std::unique_ptr<protobuf_schema> schema(new protobuf_schema);
        for (size_t i = 0; i < count; i++) schema->tree.files[names[i]] = std::string(texts[i], lengths[i]);
        schema->importer.reset(new pb::compiler::Importer(&schema->tree, &schema->error));
        schema->file = schema->importer->Import(names[count - 1]);
        if (schema->file != nullptr) {
            schema->factory.reset(new pb::DynamicMessageFactory(schema->importer->pool()));
            return schema.release();
        }
        std::string sentence = schema->error.text.empty() ? "it is no proto file" : schema->error.text;
        if (!schema->tree.missing.empty()) sentence = "it imports " + schema->tree.missing + ", which is not among its references";
        std::snprintf(fault, fault_capacity, "%s", sentence.c_str());
    } catch (...) {
        std::snprintf(fault, fault_capacity, "%s", "the library gave up on it");
    }
    return nullptr;
}

extern "C" void protobuf_schema_free(protobuf_schema *schema) { delete schema; }
