#include "feed/tail.hpp"

#include <sys/stat.h>

#include "feed_live_kit.hpp"

using namespace surged;
using namespace surged::test;

namespace {
/// Everything a tail has said so far: bytes as they are, notes in brackets.
class Story {
public:
    explicit Story(const std::string& path) : tail(path) {}
    std::string poll() {
        const auto before = text.size();
        tail.poll({[this](std::string_view bytes) { text += bytes; },
                   [this](Tail::Note note) {
                       text += note == Tail::Note::opened    ? "[opened]"
                               : note == Tail::Note::rotated ? "[rotated]"
                               : note == Tail::Note::missing ? "[missing]"
                                                             : "[truncated]";
                   }});
        return text.substr(before);
    }
    Tail tail;
    std::string text;
};
}  // namespace

TEST_CASE("tail: waits for a file that is not there yet", "[integration]") {
    TempFolder folder;
    Story story(folder.file("log"));
    CHECK(story.poll() == "[missing]");
    CHECK(story.poll() == "");
    append(folder.file("log"), "one\n");
    CHECK(story.poll() == "[opened]one\n");
    append(folder.file("log"), "tw");
    CHECK(story.poll() == "tw");
    append(folder.file("log"), "o\n");
    CHECK(story.poll() == "o\n");
    CHECK(story.poll() == "");
}

TEST_CASE("tail: a rotated log is read to its end before the new one", "[integration]") {
    TempFolder folder;
    const auto log = folder.file("log");
    append(log, "one\n");
    Story story(log);
    CHECK(story.poll() == "[opened]one\n");

    append(log, "two\n");
    std::filesystem::rename(log, log + ".1");
    append(log, "three\n");
    CHECK(story.poll() == "two\n[rotated]three\n");
}

TEST_CASE("tail: between rename and creation the old file is still read", "[integration]") {
    TempFolder folder;
    const auto log = folder.file("log");
    append(log, "one\n");
    Story story(log);
    story.poll();

    std::filesystem::rename(log, log + ".1");
    CHECK(story.poll() == "[missing]");
    append(log + ".1", "late\n");
    CHECK(story.poll() == "late\n");
    append(log, "new\n");
    CHECK(story.poll() == "[rotated]new\n");
}

TEST_CASE("tail: a log cut to nothing in place is read from its begin", "[integration]") {
    TempFolder folder;
    const auto log = folder.file("log");
    append(log, "one\ntwo\n");
    Story story(log);
    story.poll();

    std::filesystem::resize_file(log, 0);
    append(log, "x\n");
    CHECK(story.poll() == "[truncated]x\n");
}

TEST_CASE("tail: what is no regular file is an error, not a hang", "[integration]") {
    TempFolder folder;
    Story directory(folder.file(""));
    directory.poll();
    CHECK(directory.tail.error() != 0);

    REQUIRE(mkfifo(folder.file("fifo").c_str(), 0600) == 0);
    Story fifo(folder.file("fifo"));
    fifo.poll();
    CHECK(fifo.tail.error() != 0);
}
