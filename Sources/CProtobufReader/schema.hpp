// A schema that was read: its files, and the maker of messages. Shared by the two source files of this folder.
#pragma once

#include <google/protobuf/compiler/importer.h>
#include <google/protobuf/dynamic_message.h>

#include <map>
#include <memory>
#include <string>

/// The files by the names that import statements use; google/protobuf/*.proto are taken from the library.
class MemorySourceTree : public google::protobuf::compiler::SourceTree {
public:
    std::map<std::string, std::string> files;
    std::string missing;

    google::protobuf::io::ZeroCopyInputStream *Open(const std::string &name) override;

private:
    /// Texts made of the library's own files must outlive their streams.
    std::map<std::string, std::string> own_;
};

/// Keeps the first error.
class FirstError : public google::protobuf::compiler::MultiFileErrorCollector {
public:
    std::string text;
    void AddError(const std::string &file, int line, int column, const std::string &message) override;
};

struct protobuf_schema {
    MemorySourceTree tree;
    FirstError error;
    std::unique_ptr<google::protobuf::compiler::Importer> importer;
    /// Made after the pool and destroyed before it.
    std::unique_ptr<google::protobuf::DynamicMessageFactory> factory;
    const google::protobuf::FileDescriptor *file = nullptr;
};
