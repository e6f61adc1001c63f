// The floor of `burst`: on a breach as many requests as there are people, by libcurl's multi interface alone; with a store one transaction
// before them.
#include <curl/curl.h>
#include <sqlite3.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "child.hpp"
#include "commands.hpp"
#include "socket.hpp"

namespace surged::bench {
namespace {

void must_do(bool good, const char* what) {
    if (!good) {
        give_up(std::string("burst-floor: ") + what);
    }
}

/// Many rows, one transaction.
class BatchStore {
public:
    explicit BatchStore(const std::string& path) {
        must_do(sqlite3_open(path.c_str(), &db_) == SQLITE_OK, "open");
        must_do(sqlite3_exec(db_, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE record(seq INTEGER PRIMARY KEY, bytes TEXT)",
                             nullptr, nullptr, nullptr) == SQLITE_OK,
                "create");
        must_do(sqlite3_prepare_v2(db_, "INSERT INTO record(bytes) VALUES(?1)", -1, &insert_, nullptr) == SQLITE_OK, "prepare");
    }
    ~BatchStore() {
        sqlite3_finalize(insert_);
        sqlite3_close(db_);
    }
    BatchStore(const BatchStore&) = delete;
    BatchStore& operator=(const BatchStore&) = delete;
    void commit(const std::vector<std::string>& rows) {
        must_do(sqlite3_exec(db_, "BEGIN", nullptr, nullptr, nullptr) == SQLITE_OK, "begin");
        for (const auto& bytes : rows) {
            sqlite3_bind_text(insert_, 1, bytes.data(), static_cast<int>(bytes.size()), nullptr);
            must_do(sqlite3_step(insert_) == SQLITE_DONE, "insert");
            sqlite3_reset(insert_);
        }
        must_do(sqlite3_exec(db_, "COMMIT", nullptr, nullptr, nullptr) == SQLITE_OK, "commit");
    }

private:
    sqlite3* db_ = nullptr;
    sqlite3_stmt* insert_ = nullptr;
};

class ManyPosts {
public:
    ManyPosts(const std::string& url, const std::string& ca_file, int count) : multi_(curl_multi_init()) {
        headers_ = curl_slist_append(headers_, "Content-Type: application/json; charset=utf-8");
        headers_ = curl_slist_append(headers_, "Expect:");
        for (int i = 0; i < count; ++i) {
            CURL* easy = curl_easy_init();
            curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
            curl_easy_setopt(easy, CURLOPT_PROXY, "");
            curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
            curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
            curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers_);
            if (!ca_file.empty()) {
                curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file.c_str());
                curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);  // the server hangs up before the next burst
            }
            curl_easy_setopt(
                easy, CURLOPT_WRITEFUNCTION, +[](char*, std::size_t size, std::size_t number, void*) { return size * number; });
            easy_.push_back(easy);
        }
    }
    ~ManyPosts() {
        for (CURL* easy : easy_) {
            curl_easy_cleanup(easy);
        }
        curl_multi_cleanup(multi_);
        curl_slist_free_all(headers_);
    }
    ManyPosts(const ManyPosts&) = delete;
    ManyPosts& operator=(const ManyPosts&) = delete;

    void post(const std::vector<std::string>& bodies) {
        for (std::size_t i = 0; i < easy_.size(); ++i) {
            curl_easy_setopt(easy_[i], CURLOPT_POSTFIELDSIZE, static_cast<long>(bodies[i].size()));
            curl_easy_setopt(easy_[i], CURLOPT_POSTFIELDS, bodies[i].c_str());
            curl_multi_add_handle(multi_, easy_[i]);
        }
        for (int running = 1; running > 0;) {
            curl_multi_perform(multi_, &running);
            if (running > 0) {
                curl_multi_poll(multi_, nullptr, 0, 1000, nullptr);
            }
        }
        int left = 0;
        while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
            must_do(message->data.result == CURLE_OK, curl_easy_strerror(message->data.result));
        }
        for (CURL* easy : easy_) {
            curl_multi_remove_handle(multi_, easy);
        }
    }

private:
    CURLM* multi_;
    curl_slist* headers_ = nullptr;
    std::vector<CURL*> easy_;
};

}  // namespace

/// `burst-floor DATABASE|- URL CA|- COUNT`: prints its endpoint, then works until it is ended.
int run_burst_floor(const std::vector<std::string>& words) {
    if (words.size() != 4) {
        return 2;
    }
    const int count = std::atoi(words[3].c_str());
    std::unique_ptr<BatchStore> store = words[0] == "-" ? nullptr : std::make_unique<BatchStore>(words[0]);
    ManyPosts posts(words[1], words[2] == "-" ? "" : words[2], count);
    PullSocket socket;
    std::printf("%s\n", socket.endpoint().c_str());
    std::fflush(stdout);
    std::vector<char> buffer(1U << 16U);
    for (;;) {
        const int size = socket.receive(buffer.data(), buffer.size(), -1);
        const std::string_view text(buffer.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
        const auto at = text.find("\"tk");
        if (at == std::string_view::npos || text.find("\"calls_waiting\":5000") == std::string_view::npos) {
            continue;
        }
        // About as many bytes as surged's own pages have.
        const std::vector<std::string> bodies(static_cast<std::size_t>(count), R"({"v":1,"kind":"page","scope":{"centre":)" + std::string(text.substr(at, 10)) +
                                                                                   R"(},"text":")" + std::string(1200, 'x') + "\"}");
        if (store) {
            store->commit(bodies);
        }
        posts.post(bodies);
    }
}

}  // namespace surged::bench
