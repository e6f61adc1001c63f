// O4: secrets come from files or credentials and appear nowhere.
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "courier_kit.hpp"
#include "io/courier/secret_file.hpp"
#include "support/temp_dir.hpp"

using namespace surged;
using namespace surged::test;

namespace {

void spill(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
}

}  // namespace

TEST_CASE("secret: prints as stars and is scrubbed out of any text", "[integration]") {
    std::ostringstream out;
    out << Secret("hunter22");
    CHECK(out.str() == "***");
    CHECK(Secret("hunter22").scrub("a hunter22b hunter22") == "a ***b ***");
    CHECK(Secret("abc").scrub("abc") == "abc");
    CHECK(Secret("abcd").scrub("abcd") == "***");
    CHECK(Secret("").scrub("text") == "text");
}

TEST_CASE("secret: read from a credential first, then beside the configuration; bounded, never empty", "[integration]") {
    const TempDir base;
    const TempDir credentials;
    spill(base.file("key"), "from base \r\n\n");
    CHECK(read_secret("key", base.path().string(), credentials.path().string())->reveal() == "from base");
    spill(credentials.file("key"), "from systemd");
    CHECK(read_secret("key", base.path().string(), credentials.path().string())->reveal() == "from systemd");
    CHECK(read_secret(base.file("key"), "/nowhere", credentials.path().string())->reveal() == "from base");
    CHECK(read_secret("./key", base.path().string(), credentials.path().string())->reveal() == "from base");

    spill(base.file("empty"), " \n");
    CHECK(read_secret("empty", base.path().string(), "").error().message.find("is empty") != std::string::npos);
    spill(base.file("full"), std::string(65536, 'k'));
    CHECK(read_secret("full", base.path().string(), "")->reveal().size() == 65536);
    spill(base.file("over"), std::string(65537, 'k'));
    CHECK_FALSE(read_secret("over", base.path().string(), ""));
    CHECK_FALSE(read_secret("none", base.path().string(), ""));
    CHECK_FALSE(read_secret("", base.path().string(), ""));
    std::filesystem::create_directory(base.file("folder"));
    CHECK_FALSE(read_secret("folder", base.path().string(), ""));
    REQUIRE(::mkfifo(base.file("fifo").c_str(), 0600) == 0);
    CHECK_FALSE(read_secret("fifo", base.path().string(), ""));  // and does not hang
}

TEST_CASE("secrets: a sink that echoes everything puts none of them into a detail", "[integration]") {
    const TempDir dir;
    HttpSink sink;
    spill(dir.file("hook.url"), sink.url("/robot/send?access_token=0123456789abcdef") + "\n");
    spill(dir.file("hook.key"), "SECa1b2c3d4e5f6\n");
    sink.script([&](const SinkRequest& request) {
        SinkAnswer answer;
        answer.status = 400;
        answer.body = "no such thing: " + request.target + " " + sink.url(request.target) +
                      " access_token=0123456789abcdef key SECa1b2c3d4e5f6";
        return answer;
    });
    auto spec = webhook_spec("hook", "");
    spec.settings = {{"url_file", "hook.url"}, {"secret_file", "hook.key"}};
    CourierKit kit;
    REQUIRE(kit.configure({spec}, dir.path().string()).empty());
    const auto landed = kit.send(order_for("p", "hook"));
    INFO(landed.outcome.detail);
    CHECK(landed.outcome.outcome == OutcomeClass::reject);
    CHECK(landed.outcome.detail.find("no such thing") != std::string::npos);
    CHECK(landed.outcome.detail.find("0123456789abcdef") == std::string::npos);
    CHECK(landed.outcome.detail.find("SECa1b2c3d4e5f6") == std::string::npos);
    CHECK(landed.outcome.detail.find("robot") == std::string::npos);
    CHECK(sink.requests().front().target == "/robot/send?access_token=0123456789abcdef");
}

TEST_CASE("secrets: a missing one is a configuration error with its file's name, and nothing is sent", "[integration]") {
    const TempDir dir;
    HttpSink sink;
    auto unsigned_spec = webhook_spec("a", sink.url());
    unsigned_spec.settings["secret_file"] = "missing.key";
    auto unaddressed = webhook_spec("b", "");
    unaddressed.settings = {{"url_file", "missing.url"}};
    spill(dir.file("bad.url"), "the-token-instead-of-a-url");
    auto nonsense = webhook_spec("c", "");
    nonsense.settings = {{"url_file", "bad.url"}};
    CourierKit kit;
    CHECK(kit.configure({unsigned_spec, unaddressed, nonsense}, dir.path().string()).size() == 3);
    for (const std::string channel : {"a", "b", "c"}) {
        const auto landed = kit.send(order_for("p-" + channel, channel));
        CHECK(landed.outcome.outcome == OutcomeClass::config_error);
        CHECK(landed.outcome.detail.find("the-token") == std::string::npos);
        if (channel == "a") {
            CHECK(landed.outcome.detail.find("missing.key: No such file") != std::string::npos);
        }
    }
    CHECK(sink.connections() == 0);
}

TEST_CASE("secrets: a part of a URL that a provider repeats is hidden like the whole, in whatever form it comes back", "[integration]") {
    const TempDir dir;
    HttpSink sink;
    std::string url = sink.url("/services/T0AB12CD3/SLACKSECRETXXXX?key=WECOMSECRET-1234&sig=a%2Bb%2Fc%3Dd");
    url.insert(url.find("://") + 3, "robot-user:pa55word@");
    spill(dir.file("hook.url"), url + "\n");
    std::string said;
    sink.script([&](const SinkRequest&) {
        SinkAnswer answer;
        answer.status = 400;
        answer.body = said;
        return answer;
    });
    auto spec = webhook_spec("hook", "");
    spec.settings = {{"url_file", "hook.url"}};
    CourierKit kit;
    kit.configure({spec}, dir.path().string());
    for (const std::string secret : {"SLACKSECRETXXXX", "T0AB12CD3", "WECOMSECRET-1234", "a%2Bb%2Fc%3Dd", "a+b/c=d", "a%2bb%2fc%3dd", "a+b\\/c=d", "pa55word", "robot-user",
                                      "robot-user:pa55word", "key=WECOMSECRET-1234&sig=a%2Bb%2Fc%3Dd", "T0AB12CD3\\/SLACKSECRETXXXX"}) {
        CAPTURE(secret);
        said = "invalid webhook key <" + secret + "> at services";
        const auto landed = kit.send(order_for("p", "hook"));
        INFO(landed.outcome.detail);
        CHECK(landed.outcome.detail.find("invalid webhook key") != std::string::npos);
        CHECK(landed.outcome.detail.find("at services") != std::string::npos);  // ordinary words stay
        for (const char* const part : {"SECRET", "T0AB", "1234", "%2B", "a+b", "%2b", "pa55", "robot-"}) {
            CHECK(landed.outcome.detail.find(part) == std::string::npos);
        }
    }
}
