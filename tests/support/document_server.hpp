// A scripted HTTP service out of a folder of documents, each a request that is expected and what is answered to it:
//
//   > POST /api/v2/queues                       method, and what the target begins with
//   > Authorization: Bearer                     a header, and what its value contains
//   > body: "NextToken"                         what the body contains
//   < 429                                       status
//   < Retry-After: 1                            headers
//                                               an empty line, then the body
//
// Names give the order: a request is answered by the first document that fits it and was not used yet; when all that fit were
// used, by the last of them again. ${NAME} in a document is a value that the test sets. What fits nothing is answered 404 and
// kept for the test to see.
//
// Use: with support/http_sink.cpp in the SOURCES of a test.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/http_sink.hpp"

namespace surged::test {

class DocumentServer {
public:
    explicit DocumentServer(const std::filesystem::path& folder, std::map<std::string, std::string> values = {}) {
        std::vector<std::filesystem::path> files;
        for (const auto& entry : std::filesystem::directory_iterator(folder)) {
            files.push_back(entry.path());
        }
        std::sort(files.begin(), files.end());
        values["URL"] = sink_.url("");
        for (const auto& file : files) {
            documents_.push_back(read(file, values));
        }
        sink_.script([this](const SinkRequest& request) { return answer(request); });
    }

    std::string url() const { return sink_.url(""); }
    std::vector<SinkRequest> requests() const { return sink_.requests(); }
    HttpSink& sink() { return sink_; }
    /// Requests that no document fits: "POST /x".
    std::vector<std::string> strays() const {
        const std::lock_guard hold(mutex_);
        return strays_;
    }
    /// Documents that answered nothing.
    std::vector<std::string> unused() const {
        const std::lock_guard hold(mutex_);
        std::vector<std::string> out;
        for (const auto& document : documents_) {
            if (document.used == 0) {
                out.push_back(document.name);
            }
        }
        return out;
    }

private:
    struct Document {
        std::string name, method, target, body_has;
        std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
        SinkAnswer answer;
        int used = 0;
    };

    static std::string filled(std::string text, const std::map<std::string, std::string>& values) {
        for (const auto& [name, value] : values) {
            const auto mark = "${" + name + "}";
            for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + value.size())) {
                text.replace(at, mark.size(), value);
            }
        }
        return text;
    }

    static Document read(const std::filesystem::path& file, const std::map<std::string, std::string>& values) {
        std::ifstream in(file, std::ios::binary);
        std::ostringstream all;
        all << in.rdbuf();
        std::istringstream lines(filled(all.str(), values));
        Document out;
        out.name = file.filename().string();
        out.answer.status = 0;
        for (std::string line; std::getline(lines, line) && !line.empty();) {
            const auto text = line.substr(std::min<std::size_t>(line.size(), 2));
            const auto colon = text.find(": ");
            if (line.starts_with("> ") && out.method.empty()) {
                out.method = text.substr(0, text.find(' '));
                out.target = text.substr(text.find(' ') + 1);
            } else if (line.starts_with("> body: ")) {
                out.body_has = text.substr(6);
            } else if (line.starts_with("> ") && colon != std::string::npos) {
                std::string name = text.substr(0, colon);
                std::transform(name.begin(), name.end(), name.begin(),
                               [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
                out.headers.emplace_back(name, text.substr(colon + 2));
            } else if (line.starts_with("< ") && out.answer.status == 0) {
                out.answer.status = std::stoi(text);
            } else if (line.starts_with("< ")) {
                out.answer.headers.push_back(text);
            } else {
                throw std::runtime_error(out.name + ": " + line);
            }
        }
        std::ostringstream rest;
        rest << lines.rdbuf();
        out.answer.body = rest.str();
        return out;
    }

    static bool fits(const Document& document, const SinkRequest& request) {
        return request.method == document.method && request.target.starts_with(document.target) &&
               request.body.find(document.body_has) != std::string::npos &&
               std::all_of(document.headers.begin(), document.headers.end(), [&](const auto& header) {
                   const auto found = request.headers.find(header.first);
                   return found != request.headers.end() && found->second.find(header.second) != std::string::npos;
               });
    }

    SinkAnswer answer(const SinkRequest& request) {
        const std::lock_guard hold(mutex_);
        Document* chosen = nullptr;
        for (auto& document : documents_) {
            if (fits(document, request)) {
                chosen = &document;
                if (document.used == 0) {
                    break;
                }
            }
        }
        if (chosen == nullptr) {
            strays_.push_back(request.method + " " + request.target);
            return {404,
                    "no document fits",
                    {},
                    std::chrono::milliseconds{0},
                    SinkAnswer::Manner::normal,
                    std::chrono::milliseconds{20}};
        }
        ++chosen->used;
        return chosen->answer;
    }

    mutable std::mutex mutex_;
    std::vector<Document> documents_;
    std::vector<std::string> strays_;
    HttpSink sink_;  // its threads end first
};

}  // namespace surged::test
