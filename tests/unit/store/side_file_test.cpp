#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <future>

#include "io/store/file_writer.hpp"
#include "io/store/side_file.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace surged;
using surged::test::TempDir;

namespace {

std::string slurp(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}
void spill(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
}

}  // namespace

TEST_CASE("side file: what was written is read back, of any size", "[unit]") {
    const TempDir dir;
    const std::string path = dir.file("series.snap");
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{4} << 20U, (std::size_t{9} << 20U) + 1}) {
        std::string bytes(size, '\0');
        for (std::size_t i = 0; i < size; ++i) {
            bytes[i] = static_cast<char>(i * 31);
        }
        REQUIRE(write_file_atomically(path, bytes));
        const auto found = read_checked_file(path);
        REQUIRE(found);
        REQUIRE(found->has_value());
        REQUIRE((**found == bytes));
    }
    REQUIRE_FALSE(std::filesystem::exists(path + ".tmp"));
}

TEST_CASE("side file: a file that is not there is no error", "[unit]") {
    const TempDir dir;
    const auto found = read_checked_file(dir.file("none"));
    REQUIRE(found);
    REQUIRE_FALSE(found->has_value());
}

TEST_CASE("side file: every single damaged byte and every cut is refused", "[unit]") {
    const TempDir dir;
    const std::string path = dir.file("series.snap");
    REQUIRE(write_file_atomically(path, "windows and counters"));
    const std::string whole = slurp(path);
    for (std::size_t i = 0; i < whole.size(); ++i) {
        std::string damaged = whole;
        damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
        spill(path, damaged);
        INFO("byte " << i);
        CHECK_FALSE(read_checked_file(path));
    }
    for (std::size_t size = 0; size < whole.size(); ++size) {
        spill(path, whole.substr(0, size));
        INFO("cut to " << size);
        CHECK_FALSE(read_checked_file(path));
    }
    spill(path, whole + "x");
    CHECK_FALSE(read_checked_file(path));
    spill(path, whole);
    CHECK(read_checked_file(path));
}

TEST_CASE("side file: a write that fails leaves the old file and no temporary one", "[unit]") {
    const TempDir dir;
    const std::string path = dir.file("series.snap");
    REQUIRE(write_file_atomically(path, "old"));
    const pid_t child = ::fork();
    if (child == 0) {  // a full disk, as the kernel makes one for a process: no file may grow beyond 64 KiB
        const rlimit limit{65536, 65536};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        ::signal(SIGXFSZ, SIG_IGN);
        const bool failed = !write_file_atomically(path, std::string(1000000, 'n'));
        ::_exit(failed ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    REQUIRE(WIFEXITED(status));
    REQUIRE(WEXITSTATUS(status) == 0);
    REQUIRE(**read_checked_file(path) == "old");
    REQUIRE_FALSE(std::filesystem::exists(path + ".tmp"));

    REQUIRE_FALSE(write_file_atomically(dir.file("no/such/folder"), "x"));
    std::filesystem::create_directory(dir.file("folder"));
    REQUIRE_FALSE(read_checked_file(dir.file("folder")));
}

TEST_CASE("side file: without a commit the old file stays, and no temporary one", "[unit]") {
    const TempDir dir;
    const std::string path = dir.file("series.snap");
    REQUIRE(write_file_atomically(path, "old"));
    {
        NewFile file(path);
        file.add("half of ");
        REQUIRE(std::filesystem::exists(path + ".tmp"));
    }
    REQUIRE(**read_checked_file(path) == "old");
    REQUIRE_FALSE(std::filesystem::exists(path + ".tmp"));
}

TEST_CASE("file writer: pieces become one file, and the end waits for it", "[unit]") {
    const TempDir dir;
    std::string whole;
    {
        FileWriter writer;
        for (int i = 0; i < 100; ++i) {
            const std::string piece(static_cast<std::size_t>(i) * 997, static_cast<char>(i));
            if (i == 0) {
                writer.begin(dir.file("a"));
            }
            writer.add(piece);
            whole += piece;
        }
        writer.finish({});
        writer.begin(dir.file("b"));
        writer.add("other");
        writer.finish({});
    }
    REQUIRE((**read_checked_file(dir.file("a")) == whole));
    REQUIRE(**read_checked_file(dir.file("b")) == "other");
}

TEST_CASE("file writer: a file that is begun again or never finished leaves the old one", "[unit]") {
    const TempDir dir;
    {
        FileWriter writer;
        writer.begin(dir.file("a"));
        writer.add("first");
        writer.finish({});
        writer.begin(dir.file("a"));
        writer.add("given up");
        writer.begin(dir.file("a"));
        writer.add("second");
        writer.finish({});
        writer.begin(dir.file("a"));
        writer.add("never finished");
    }
    REQUIRE(**read_checked_file(dir.file("a")) == "second");
    REQUIRE_FALSE(std::filesystem::exists(dir.file("a.tmp")));
}

TEST_CASE("file writer: what waits is counted until the disk has it", "[unit]") {
    const TempDir dir;
    FileWriter writer;
    std::promise<bool> told;
    writer.begin(dir.file("a"));
    writer.add(std::string(3 << 20, 'x'));
    CHECK(writer.waiting() <= std::size_t{3} << 20U);
    writer.finish([&](const Result<void>& result) { told.set_value(result.has_value()); });
    REQUIRE(told.get_future().get());
    CHECK(writer.waiting() == 0);
}

TEST_CASE("file writer: a failure is told", "[unit]") {
    const TempDir dir;
    std::promise<std::string> told;
    FileWriter writer;
    writer.begin(dir.file("no/such/folder"));
    writer.add("x");
    writer.finish([&](const Result<void>& result) { told.set_value(result ? "" : result.error().message); });
    REQUIRE(told.get_future().get().find("No such file") != std::string::npos);
}
