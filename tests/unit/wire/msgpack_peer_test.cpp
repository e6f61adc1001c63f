// MessagePack as an independent library has it (python3-msgpack): it writes what we read, and reads what we write.
#include <array>
#include <cstdlib>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "decode_helpers.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"
#include "wire/encode_message.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {

/// Says so when it is not.
bool peer_installed() {
    const bool there = std::system("/usr/bin/python3 -c 'import msgpack' > /dev/null 2>&1") == 0;
    if (!there) {
        WARN("python3-msgpack is not installed: skipped");
    }
    return there;
}

void run_peer(const TempDir& folder, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), std::string(SURGED_SOURCE_DIR) + "/tests/unit/wire/msgpack_peer.py");
    const auto done = run_program("/usr/bin/python3", arguments, folder.path().string(), 100s);
    INFO(done.err);
    REQUIRE(done.code == 0);
}

/// Documents, each behind its length in four bytes, least significant first.
std::vector<std::string> read_documents(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::vector<std::string> out;
    std::array<unsigned char, 4> head{};
    while (in.read(reinterpret_cast<char*>(head.data()), head.size())) {
        auto& document = out.emplace_back(std::size_t{head[0]} | std::size_t{head[1]} << 8U | std::size_t{head[2]} << 16U | std::size_t{head[3]} << 24U, '\0');
        in.read(document.data(), static_cast<std::streamsize>(document.size()));
    }
    return out;
}

void write_document(std::ostream& out, const std::string& document) {
    for (unsigned shift = 0; shift < 32; shift += 8) {
        out.put(static_cast<char>(document.size() >> shift & 0xFFU));
    }
    out << document;
}

/// Nothing is refused for its size: the sizes of every form are read.
IngestLimits wide_limits() {
    IngestLimits limits;
    limits.message_bytes = std::size_t{64} << 20U;
    limits.queues_per_message = limits.metrics_per_queue = limits.name_bytes = 70000;
    return limits;
}

}  // namespace

TEST_CASE("msgpack peer: what another library packs, in every form and at the limits of each, is read as the same message in JSON") {
    if (!peer_installed()) {
        return;
    }
    const TempDir folder;
    run_peer(folder, {"write", folder.file("packed"), folder.file("json"), "20261129"});
    const auto packed = read_documents(folder.file("packed"));
    CHECK(packed.size() == 2000 + 7 + 2 * 6);
    std::ifstream lines(folder.file("json"));
    Bench unpack(wide_limits());
    Bench parse(wide_limits());
    std::string line;
    for (std::size_t i = 0; i < packed.size(); ++i) {
        INFO("document " << i);
        REQUIRE(std::getline(lines, line));
        const auto& read = unpack(packed[i]);
        REQUIRE_FALSE(read.refusal);
        REQUIRE(read.dropped_total() == 0);
        const auto& meant = parse(line);
        REQUIRE_FALSE(meant.refusal);
        REQUIRE(meant.dropped_total() == 0);
        require_same(read.message, meant.message);
    }
}

TEST_CASE("msgpack peer: what we pack is read by another library as it was meant, and is what that library would have packed") {
    if (!peer_installed()) {
        return;
    }
    std::mt19937_64 random(20261129);
    std::vector<std::string> names;
    for (int i = 0; i < 65536; ++i) {
        names.push_back("m" + std::to_string(i));
    }
    std::vector<std::string> labels{"a", "济南", "q \"x\" \\ /", "😀", "tab?", "</script>"};
    std::vector<std::string> long_labels;
    for (const std::size_t length : {31U, 32U, 255U, 256U, 65535U, 65536U}) {
        long_labels.emplace_back(length, 'z');
    }
    const auto name = [&](std::size_t i) -> std::string_view { return names[i]; };
    std::vector<Message> meant;
    for (int i = 0; i < 2000; ++i) {
        meant.push_back(any_message(random, random() % 17, random() % 17, labels, name));
    }
    for (int i = 0; i < 20; ++i) {
        meant.push_back(any_message(random, 2, 3, long_labels, name));
    }
    for (const std::size_t count : {65535U, 65536U}) {
        meant.push_back(any_message(random, 1, count, labels, name));
        meant.push_back(any_message(random, count, 0, labels, name));
    }
    const TempDir folder;
    {
        std::ofstream out(folder.file("packed"), std::ios::binary);
        for (const Message& message : meant) {
            write_document(out, encode_msgpack(message));
        }
    }
    run_peer(folder, {"read", folder.file("packed"), folder.file("json")});
    std::ifstream lines(folder.file("json"));
    Bench parse(wide_limits());
    std::string line;
    for (std::size_t i = 0; i < meant.size(); ++i) {
        INFO("document " << i);
        REQUIRE(std::getline(lines, line));
        const auto& read = parse(line);
        REQUIRE_FALSE(read.refusal);
        REQUIRE(read.dropped_total() == 0);
        require_same(read.message, meant[i]);
    }
    CHECK_FALSE(std::getline(lines, line));
}
