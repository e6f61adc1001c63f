#include "os/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace surged;
using namespace surged::test;

namespace {

bool is_open(int fd) {
    return ::fcntl(fd, F_GETFD) >= 0;
}

std::string file_of(const TempDir& dir, const std::string& bytes) {
    const std::string path = dir.file("file");
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
}

}  // namespace

TEST_CASE("os: a descriptor is closed once, by its last owner", "[unit]") {
    int raw = -1;
    {
        Fd first(::open("/dev/null", O_RDONLY | O_CLOEXEC));
        raw = first.get();
        REQUIRE(first);
        Fd second(std::move(first));
        CHECK_FALSE(first);
        CHECK(second.get() == raw);
        Fd third;
        third = std::move(second);
        CHECK(is_open(raw));
    }
    CHECK_FALSE(is_open(raw));
}

TEST_CASE("os: what is given away stays open, what is replaced does not", "[unit]") {
    Fd owner(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    const int given = owner.release();
    CHECK(is_open(given));
    CHECK_FALSE(owner);

    owner.reset(given);
    errno = EIO;
    owner.reset();

    CHECK(errno == EIO);
    CHECK_FALSE(is_open(given));
}

TEST_CASE("os: a file is read whole, or as far as the bound and no further", "[unit]") {
    const TempDir dir;
    const std::string bytes = std::string(200'000, 'a') + std::string("\0\nz", 3);
    const auto path = file_of(dir, bytes);

    CHECK(read_file(path, bytes.size() + 1) == bytes);
    CHECK(read_file(path, bytes.size()) == bytes);
    CHECK(read_file(path, 70'000) == bytes.substr(0, 70'000));
    CHECK(read_file(path, 0) == "");
    CHECK(read_file("/dev/zero", 100'000) == std::string(100'000, '\0'));
    CHECK(read_file(file_of(dir, ""), 10) == "");
}

TEST_CASE("os: what cannot be read is told by its errno", "[unit]") {
    const TempDir dir;

    CHECK(read_file(dir.file("absent"), 10).error() == ENOENT);
    CHECK(read_file(dir.path().string(), 10).error() == EISDIR);
    CHECK(read_regular_file(dir.file("absent"), 10).error() == ENOENT);
    CHECK(read_regular_file(dir.path().string(), 10).error() == EINVAL);
}

TEST_CASE("os: a FIFO in the place of a regular file is refused at once", "[unit]") {
    const TempDir dir;
    const std::string fifo = dir.file("fifo");
    REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);

    CHECK(read_regular_file(fifo, 10).error() == EINVAL);
    CHECK(read_regular_file(file_of(dir, "key"), 10) == "key");
}
