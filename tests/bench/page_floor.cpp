// The floor of `page`: the least a program must do that pages on a breach and never forgets it. One thread, nothing else.
#include <curl/curl.h>
#include <simdjson.h>
#include <sqlite3.h>

#include <cstdio>
#include <string>
#include <vector>

#include "child.hpp"
#include "commands.hpp"
#include "socket.hpp"
#include "stream.hpp"

namespace surged::bench {
namespace {

void must(bool good, const char* what) {
    if (!good) {
        give_up(std::string("page-floor: ") + what);
    }
}

class Store {
public:
    explicit Store(const std::string& path) {
        must(sqlite3_open(path.c_str(), &db_) == SQLITE_OK, "open");
        must(
            sqlite3_exec(
                db_, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; DROP TABLE IF EXISTS record; CREATE TABLE record(seq INTEGER PRIMARY KEY, bytes TEXT)",
                nullptr, nullptr, nullptr) == SQLITE_OK,
            "create");
        must(sqlite3_prepare_v2(db_, "INSERT INTO record(bytes) VALUES(?1)", -1, &insert_, nullptr) == SQLITE_OK, "prepare");
    }
    ~Store() {
        sqlite3_finalize(insert_);
        sqlite3_close(db_);
    }
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;
    void commit(const std::string& bytes) {
        sqlite3_bind_text(insert_, 1, bytes.data(), static_cast<int>(bytes.size()), nullptr);
        must(sqlite3_step(insert_) == SQLITE_DONE, "commit");
        sqlite3_reset(insert_);
    }

private:
    sqlite3* db_ = nullptr;
    sqlite3_stmt* insert_ = nullptr;
};

class Poster {
public:
    explicit Poster(const std::string& url) : easy_(curl_easy_init()) {
        headers_ = curl_slist_append(headers_, "Content-Type: application/json; charset=utf-8");
        headers_ = curl_slist_append(headers_, "Expect:");
        curl_easy_setopt(easy_, CURLOPT_URL, url.c_str());
        curl_easy_setopt(easy_, CURLOPT_PROXY, "");
        curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, headers_);
        curl_easy_setopt(
            easy_, CURLOPT_WRITEFUNCTION, +[](char*, std::size_t size, std::size_t count, void*) { return size * count; });
    }
    ~Poster() {
        curl_easy_cleanup(easy_);
        curl_slist_free_all(headers_);
    }
    Poster(const Poster&) = delete;
    Poster& operator=(const Poster&) = delete;
    void post(const std::string& body) {
        curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
        curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, body.c_str());
        must(curl_easy_perform(easy_) == CURLE_OK, "post");
    }

private:
    CURL* easy_;
    curl_slist* headers_ = nullptr;
};

/// The centre of a queue whose calls_waiting is beyond the limit; empty = all is well.
std::string breach_in(simdjson::ondemand::parser& parser, std::string_view payload) {
    constexpr double limit = 1000;
    simdjson::ondemand::document document;
    simdjson::ondemand::array parts;
    must(parser.iterate(payload.data(), payload.size(), payload.size() + Stream::padding).get(document) == simdjson::SUCCESS,
         "JSON");
    must(document["queues"].get_array().get(parts) == simdjson::SUCCESS, "queues");
    for (auto part : parts) {
        std::string_view centre;
        simdjson::ondemand::object values;
        must(part["centre"].get_string().get(centre) == simdjson::SUCCESS &&
                 part["m"].get_object().get(values) == simdjson::SUCCESS,
             "part");
        for (auto field : values) {
            std::string_view name;
            double value = 0;
            must(field.unescaped_key().get(name) == simdjson::SUCCESS &&
                     field.value().get_double().get(value) == simdjson::SUCCESS,
                 "value");
            if (name == "calls_waiting" && value > limit) {
                return std::string(centre);
            }
        }
    }
    return {};
}

}  // namespace

/// `page-floor DATABASE URL`: prints its endpoint, then works until it is ended.
int run_page_floor(const std::vector<std::string>& words) {
    if (words.size() != 2) {
        return 2;
    }
    constexpr std::size_t message_max = 1U << 16U;
    Store store(words[0]);
    Poster poster(words[1]);
    PullSocket socket;
    std::printf("%s\n", socket.endpoint().c_str());
    std::fflush(stdout);
    simdjson::ondemand::parser parser;
    std::vector<char> buffer(message_max + Stream::padding);
    for (;;) {
        const int size = socket.receive(buffer.data(), message_max, -1);
        if (size <= 0) {
            continue;
        }
        const std::string centre = breach_in(parser, {buffer.data(), static_cast<std::size_t>(size)});
        if (!centre.empty()) {
            // About as many bytes as surged's own page has.
            const std::string body =
                R"({"v":1,"kind":"page","purpose":"open","level":"yellow","policy":"page","scope":{"centre":")" + centre +
                R"("},"tier":1,"need":1,"joined":0,"text":")" + std::string(400, 'x') + "\"}";
            store.commit(body);
            poster.post(body);
        }
    }
}

}  // namespace surged::bench
