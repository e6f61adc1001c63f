#include <sys/stat.h>

#include <fstream>
#include <set>

#include "io/links/link_signer.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace surged;
using surged::test::TempDir;
using LinkRefusal = LinkSigner::Refusal;

namespace {

const std::string key_a(32, 'a');
const std::string key_b(40, 'b');
const WallTime expires = wall_time(1'800'000'000'000);
const Link good_link{"0-17", "zhang", "0-17/1/zhang/im/first/1", expires};

LinkSigner signer(const std::string& key, const std::string& previous = {}) {
    return *LinkSigner::with_keys(key, previous);
}

}  // namespace

TEST_CASE("links: what was signed comes back, until the second it expires and not after", "[unit]") {
    const auto token = signer(key_a).sign(good_link);
    const auto opened = signer(key_a).open(token, expires);
    REQUIRE(opened);
    CHECK(opened->incident == "0-17");
    CHECK(opened->person == "zhang");
    CHECK(opened->page == good_link.page);
    CHECK(opened->expires == expires);
    CHECK(signer(key_a).open(token, expires + Span{1}).error() == LinkRefusal::expired);
    for (const char c : token) {
        CHECK((std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_'));
    }
}

TEST_CASE("links: a group's link names nobody", "[unit]") {
    const auto opened = signer(key_a).open(signer(key_a).sign({"0-1", "", "p", expires}), expires);
    REQUIRE(opened);
    CHECK(opened->person.empty());
}

TEST_CASE("links: every changed character, every cut and every addition is refused", "[unit]") {
    const auto good = signer(key_a);
    const auto token = good.sign(good_link);
    for (std::size_t i = 0; i < token.size(); ++i) {
        for (const char c : {'A', 'z', '_', '='}) {
            std::string forged = token;
            forged[i] = c;
            if (forged != token) {
                INFO(i << " " << c);
                CHECK_FALSE(good.open(forged, expires));
            }
        }
        CHECK_FALSE(good.open(token.substr(0, i), expires));
    }
    CHECK_FALSE(good.open(token + "A", expires));
    CHECK_FALSE(good.open("", expires));
    CHECK_FALSE(good.open(std::string(100000, 'A'), expires));
}

TEST_CASE("links: another key forges nothing; while keys are changed both open and the new one signs", "[unit]") {
    const auto old_token = signer(key_a).sign(good_link);
    CHECK(signer(key_b).open(old_token, expires).error() == LinkRefusal::forged);
    const auto both = signer(key_b, key_a);
    CHECK(both.open(old_token, expires));
    const auto new_token = both.sign(good_link);
    CHECK(signer(key_b).open(new_token, expires));
    CHECK_FALSE(signer(key_a).open(new_token, expires));
}

TEST_CASE("links: a key has 32 bytes or more", "[unit]") {
    CHECK_FALSE(LinkSigner::with_keys(std::string(31, 'k')));
    CHECK(LinkSigner::with_keys(std::string(32, 'k')));
    CHECK_FALSE(LinkSigner::with_keys(key_a, std::string(31, 'k')));
}

TEST_CASE("links: names beyond the form give no token instead of a wrong one", "[unit]") {
    CHECK_FALSE(signer(key_a).sign({std::string(255, 'i'), "p", "k", expires}).empty());
    CHECK(signer(key_a).sign({std::string(256, 'i'), "p", "k", expires}).empty());
    CHECK(signer(key_a).sign({"i", "p", std::string(1001, 'k'), expires}).empty());
    CHECK(signer(key_a).open(signer(key_a).sign({std::string(255, 'i'), std::string(255, 'p'), std::string(1000, 'k'), expires}), expires));
}

TEST_CASE("links: without a key file one is made that only its owner reads, and it is kept", "[unit]") {
    const TempDir dir;
    const std::string file = dir.file("surged.db.linkkey");
    std::ofstream(file + ".new") << "half a ke";  // of a start that died while it wrote
    std::vector<std::string> notes;
    const auto first = LinkSigner::load_or_make(file, notes);
    REQUIRE(first);
    CHECK(notes.empty());
    struct stat info {};
    REQUIRE(::stat(file.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
    CHECK(::stat((file + ".new").c_str(), &info) != 0);
    const auto second = LinkSigner::load_or_make(file, notes);
    REQUIRE(second);
    CHECK(second->open(first->sign(good_link), expires));

    std::ofstream(dir.file("short")) << "too short\n";
    CHECK_FALSE(LinkSigner::load(dir.file("short"), ""));
    CHECK_FALSE(LinkSigner::load(dir.file("none"), ""));
    CHECK_FALSE(LinkSigner::load_or_make(dir.file("no/such/folder"), notes));
    std::ofstream(dir.file("huge")) << std::string(5000, 'k');
    CHECK_FALSE(LinkSigner::load(dir.file("huge"), ""));
}

TEST_CASE("links: a key of ours that is empty, short or too long is made anew, and said; one that others may read is closed to them", "[unit]") {
    const TempDir dir;
    const std::string file = dir.file("surged.db.linkkey");
    for (const std::string& spoiled : {std::string(), std::string("\n"), std::string(31, 'k'), std::string(5000, 'k')}) {
        std::ofstream(file, std::ios::trunc) << spoiled;
        ::chmod(file.c_str(), 0600);
        std::vector<std::string> notes;
        const auto made = LinkSigner::load_or_make(file, notes);
        REQUIRE(made);
        REQUIRE(notes.size() == 1);
        CHECK(notes[0].find("made anew") != std::string::npos);
        CHECK(LinkSigner::load_or_make(file, notes)->open(made->sign(good_link), expires));
        CHECK(notes.size() == 1);
    }
    REQUIRE(::chmod(file.c_str(), 0644) == 0);
    std::vector<std::string> notes;
    REQUIRE(LinkSigner::load_or_make(file, notes));
    REQUIRE(notes.size() == 1);
    CHECK(notes[0].find("could be read by others") != std::string::npos);
    struct stat info {};
    REQUIRE(::stat(file.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
}

TEST_CASE("links: they and reply codes count for their store only", "[unit]") {
    auto here = signer(key_a);
    auto there = signer(key_a);
    here.bind_to("0011223344556677");
    there.bind_to("8899aabbccddeeff");
    const auto token = here.sign(good_link);
    CHECK(here.open(token, expires));
    CHECK(there.open(token, expires).error() == LinkRefusal::forged);
    CHECK(signer(key_a).open(token, expires).error() == LinkRefusal::forged);
    CHECK(here.code("0-1", "li") != there.code("0-1", "li"));
    CHECK(here.code_fits("0-1", "li", here.code("0-1", "li")));
    CHECK_FALSE(there.code_fits("0-1", "li", here.code("0-1", "li")));
}

TEST_CASE("reply codes: six characters none of which looks like another, one for each person in each incident", "[unit]") {
    const std::string alphabet = "ACDEFHJKMNPRTWXY3479";
    std::set<std::string> all;
    for (int incident = 0; incident < 100; ++incident) {
        for (const char* person : {"li", "zhang", "wang"}) {
            const auto code = signer(key_a).code("0-" + std::to_string(incident), person);
            CHECK(code.size() == 6);
            CHECK(code.find_first_not_of(alphabet) == std::string::npos);
            all.insert(code);
        }
    }
    CHECK(all.size() == 300);
    CHECK(signer(key_a).code("0-1", "li") != signer(key_b).code("0-1", "li"));
    CHECK(signer(key_a).code("0-1", "1li") != signer(key_a).code("0-11", "li"));
}

TEST_CASE("reply codes: fit their person and incident alone, by the key or the one before it", "[unit]") {
    const auto code = signer(key_a).code("0-1", "li");
    CHECK(signer(key_a).code_fits("0-1", "li", code));
    CHECK(signer(key_b, key_a).code_fits("0-1", "li", code));
    CHECK_FALSE(signer(key_b).code_fits("0-1", "li", code));
    CHECK_FALSE(signer(key_a).code_fits("0-2", "li", code));
    CHECK_FALSE(signer(key_a).code_fits("0-1", "zhang", code));
    for (const auto& wrong : {std::string(), code.substr(0, 5), code + "A", std::string(6, 'A'), std::string(6, '\0')}) {
        CHECK_FALSE(signer(key_a).code_fits("0-1", "li", wrong));
    }
}
