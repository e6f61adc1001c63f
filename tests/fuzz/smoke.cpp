// The fuzz targets without libFuzzer, under any compiler: the whole corpus, then seeded mutations of it for SURGED_FUZZ_SECONDS
// (default 2). The seed is fixed: a failure, which aborts with the broken claim, comes back in the next run.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <vector>

#include "fuzz/check_ami.hpp"
#include "fuzz/check_callcenter.hpp"
#include "fuzz/check_decode.hpp"
#include "fuzz/check_feed.hpp"
#include "support/catch.hpp"

namespace {

using Bytes = std::string;

std::vector<Bytes> read_corpus(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    std::vector<Bytes> corpus;
    for (const auto& path : paths) {
        std::ifstream file(path, std::ios::binary);
        corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
    return corpus;
}

class Mutator {
public:
    Mutator(const std::vector<Bytes>& corpus, std::uint64_t seed) : corpus_(corpus), random_(seed) {}

    Bytes next() {
        Bytes bytes = pick();
        const std::size_t times = 1 + random_() % 6;
        for (std::size_t i = 0; i < times; ++i) {
            mutate(bytes);
        }
        return bytes;
    }

private:
    const Bytes& pick() { return corpus_[random_() % corpus_.size()]; }
    std::size_t place(const Bytes& bytes) { return bytes.empty() ? 0 : random_() % bytes.size(); }

    void mutate(Bytes& bytes) {
        static const std::vector<Bytes> tokens{"{",
                                               "}",
                                               "[",
                                               "]",
                                               ":",
                                               ",",
                                               "\"",
                                               "\\",
                                               "\\u0000",
                                               "\\ud800",
                                               "null",
                                               "1e999",
                                               "NaN",
                                               "-",
                                               "0.1",
                                               "true",
                                               "\"ts\":",
                                               "\"m\":{",
                                               "\xC1",
                                               "\xDF\xFF\xFF\xFF\xFF",
                                               "\xDD\x7F\xFF\xFF\xFF",
                                               "\xDB\xFF\xFF\xFF\xFF",
                                               "\xCB\x7F\xF8\x00\x00\x00\x00\x00\x00",
                                               "\x80",
                                               "\x90",
                                               "\xEF\xBB\xBF",
                                               "\r\n\r\n",
                                               "\r\nQueue: q\r\n",
                                               "\r\nUniqueid: 1.1\r\n",
                                               "Event: QueueCallerJoin\r\n",
                                               "Event: QueueCallerLeave\r\n"};
        const std::size_t at = place(bytes);
        switch (random_() % 7) {
            case 0:
                if (!bytes.empty()) {
                    bytes[at] = static_cast<char>(random_());
                }
                break;
            case 1:
                if (!bytes.empty()) {
                    bytes[at] = static_cast<char>(bytes[at] ^ (1 << (random_() % 8)));
                }
                break;
            case 2: bytes.erase(at, random_() % 16); break;
            case 3: bytes.insert(at, tokens[random_() % tokens.size()]); break;
            case 4: bytes.insert(at, bytes.substr(place(bytes), random_() % 64)); break;
            case 5: {
                const Bytes& other = pick();
                bytes = bytes.substr(0, at) + other.substr(place(other));
                break;
            }
            default: bytes.resize(at); break;
        }
        bytes.resize(std::min<std::size_t>(bytes.size(), 20000));
    }

    const std::vector<Bytes>& corpus_;
    std::mt19937_64 random_;
};

void run(const char* name, void (*check)(std::string_view)) {
    const std::filesystem::path folder = std::filesystem::path(SURGED_SOURCE_DIR) / "tests/fuzz/corpus" / name;
    const std::vector<Bytes> corpus = read_corpus(folder);
    REQUIRE(corpus.size() >= 10);
    for (const Bytes& input : corpus) {
        check(input);
    }
    constexpr std::uint64_t seed = 20261122;
    const char* text = std::getenv("SURGED_FUZZ_SECONDS");
    const double seconds = text != nullptr ? std::atof(text) : 2.0;
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    Mutator mutator(corpus, seed);
    std::uint64_t tried = 0;
    Bytes input;
    while (std::chrono::steady_clock::now() < end) {
        for (int i = 0; i < 100; ++i, ++tried) {
            input = mutator.next();
            check(input);
        }
    }
    WARN(name << ": " << corpus.size() << " seeds, " << tried << " mutations, seed " << seed);
    CHECK(tried > 0);
}

}  // namespace

TEST_CASE("decoder: no JSON bytes break its promises", "[fuzz]") {
    run("json", surged::fuzz::check_payload);
}
TEST_CASE("decoder: no MessagePack bytes break its promises", "[fuzz]") {
    run("msgpack", surged::fuzz::check_payload);
}
TEST_CASE("manager interface: no bytes break the promises of its reader", "[fuzz]") {
    run("ami", surged::fuzz::check_ami);
}
TEST_CASE("event socket: no bytes break the promises of its reader", "[fuzz]") {
    run("callcenter", surged::fuzz::check_callcenter);
}
TEST_CASE("feed poll: no path and no document break the mapping's promises", "[fuzz]") {
    run("mapping", &surged::fuzz::check_mapping);
}
TEST_CASE("feed poll: no bytes break the readers of separated values and XML", "[fuzz]") {
    run("table", &surged::fuzz::check_table);
}
