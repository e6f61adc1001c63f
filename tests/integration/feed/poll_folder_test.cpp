// Files that are dropped into a folder.
#include <fcntl.h>
#include <sys/stat.h>

#include "feed/poll_source.hpp"
#include "poll_live_kit.hpp"
#include "support/process.hpp"

using namespace surged;
using namespace surged::test;

namespace {

/// A folder source on a virtual clock.
class FolderWorld {
public:
    explicit FolderWorld(const std::string& more = "") {
        std::filesystem::create_directory(folder_.file("in"));
        loaded_ = parse_poll_plan("f", "[[ask]]\nid = \"f\"\nfolder = \"" + folder_.file("in") +
                                           "\"\nqueue_from = \"queue\"\ncounters = { offered = \"offered\" }\n" + more);
        REQUIRE(loaded_.good);
        open({}, false);
    }
    void open(std::map<std::string, SeenFile> seen, bool before) {
        source_ = open_folder_source(loaded_.plan.asks.front(), world_, std::move(seen), before);
    }
    /// Written `age_ms` before now.
    void drop(const std::string& name, const std::string& text, std::int64_t age_ms = 5000) {
        std::ofstream(path(name), std::ios::trunc) << text;
        timespec times[2] = {};
        times[1].tv_sec = (now_ms - age_ms) / 1000;
        times[1].tv_nsec = (now_ms - age_ms) % 1000 * 1000000;
        times[0] = times[1];
        REQUIRE(::utimensat(AT_FDCWD, path(name).c_str(), times, 0) == 0);
    }
    std::string path(const std::string& name) const { return folder_.file("in") + "/" + name; }
    /// Names of the files that were read, with a ! for those that are only remembered.
    std::string look() {
        auto answer = source_->ask(now_ms);
        if (!answer) {
            return answer.error().reason;
        }
        last = std::move(*answer);
        std::string out;
        for (const auto& document : last.documents) {
            out += (out.empty() ? "" : " ") + document.file + (document.adds ? "" : "!");
        }
        return out;
    }
    void rename(const std::string& from, const std::string& to) { std::filesystem::rename(path(from), path(to)); }

    std::int64_t now_ms = 1'780'000'000'000;
    PollAnswer last;

private:
    TempFolder folder_;
    LoadedPollPlan loaded_;
    std::atomic<bool> stop_{false};
    OAuthTokens tokens_{loaded_.plan, "", stop_};
    PollWorld world_{loaded_.plan, "", stop_, tokens_};
    std::unique_ptr<PollSource> source_;
};

}  // namespace

TEST_CASE("feed csv: files are read once each, the oldest first, and not again after a restart") {
    FolderWorld world;
    world.drop("a.csv", "queue,offered\ns,1\n", 9000);
    CHECK(world.look() == "a.csv");
    CHECK(world.look().empty());
    world.drop("z.csv", "queue,offered\ns,2\n", 8000);
    world.drop("b.csv", "queue,offered\ns,3\n", 7000);
    world.drop("c.txt", "no\n");
    CHECK(world.look() == "z.csv b.csv");
    const auto files = *world.last.files;
    CHECK(files.size() == 3);
    world.open(files, true);
    CHECK(world.look().empty());
    // The same name, written anew, is read again: its name is its period, so it adds what is new in it only.
    world.drop("b.csv", "queue,offered\ns,4\n", 6000);
    CHECK(world.look() == "b.csv");
    CHECK(world.last.documents.at(0).period == "b.csv");
}

TEST_CASE("feed csv: half-written files wait until they are whole; a rename is seen whole") {
    FolderWorld world;
    world.drop("a.csv", "queue,offered\ns,1\n");
    CHECK(world.look() == "a.csv");
    world.drop("b.csv", "queue,offered\ns,2\n", 500);  // just now
    CHECK(world.look().empty());
    world.now_ms += 2000;
    CHECK(world.look() == "b.csv");
    world.drop("c.csv", "queue,offered\ns,3", 10'000);  // no end of its last line
    CHECK(world.look().empty());
    world.now_ms += 60'000;
    CHECK(world.look() == "c.csv");
    world.drop(".d.csv.tmp", "queue,offered\ns", 9000);
    world.drop(".d.csv", "queue,offered\ns", 9000);
    world.drop("d.csv~", "queue,offered\ns", 9000);
    CHECK(world.look().empty());
    world.drop(".d.csv", "queue,offered\ns,4\n", 3000);
    world.rename(".d.csv", "d.csv");
    CHECK(world.look() == "d.csv");
}

TEST_CASE(
    "feed csv: at the first start only the newest file is read; after a long absence old ones are remembered and not added") {
    FolderWorld world("age_max = \"10m\"\n");
    for (const char* name : {"1.csv", "2.csv", "3.csv"}) {
        world.drop(name, "queue,offered\ns,1\n", 9000 + (name[0] - '0') * -1000);
    }
    CHECK(world.look() == "3.csv");
    CHECK(world.last.notes.at(0).find("files=2") == 0);
    CHECK(world.last.files->size() == 3);
    world.now_ms += 7'200'000;
    world.drop("4.csv", "queue,offered\ns,1\n", 3'600'000);
    world.drop("5.csv", "queue,offered\ns,1\n", 60'000);
    CHECK(world.look() == "4.csv! 5.csv");
}

TEST_CASE("feed csv: a file that cannot be read costs itself and is not tried for ever; a folder that is gone is told") {
    FolderWorld world;
    world.drop("a.csv", "queue,offered\ns,1\n");
    CHECK(world.look() == "a.csv");
    world.drop("b.csv", "Total,9\n", 9000);
    CHECK(world.look().find("b.csv: no line has all the columns") != std::string::npos);
    CHECK(world.look().empty());
    world.drop("c.csv", "name\n", 9000);
    world.drop("d.csv", "queue,offered\ns,2\nbad\n", 8000);
    CHECK(world.look() == "d.csv");
    CHECK(world.last.documents.at(0).faults.lines == 1);
    CHECK(world.last.notes.at(0).find("c.csv") != std::string::npos);
    std::filesystem::remove_all(std::filesystem::path(world.path("x")).parent_path());
    CHECK(world.look().find("No such file") != std::string::npos);
}

TEST_CASE("feed csv: counts of a folder's files rise as sums, a bad line is counted and told, over a restart") {
    TempFolder folder;
    std::filesystem::create_directory(folder.file("in"));
    const auto drop = [&](const std::string& name, const std::string& text) {
        std::ofstream(folder.file("in/.new")) << text;
        std::filesystem::rename(folder.file("in/.new"), folder.file("in/" + name));
    };
    const std::string text =
        "[feed]\ncentre = \"jinan\"\nsource = \"csv\"\nstate = \"state\"\n[[ask]]\nid = \"f\"\nevery = \"1s\"\nfolder = "
        "\"in\"\nqueue_from = \"queue\"\n"
        "period = \"at\"\ncounters = { offered = \"Calls In\", answered = \"answered\" }\n";
    drop("1.csv", "queue,at,Calls In,answered\ns,10:00,40,38\n");
    {
        RunningPoll run(folder, text);
        CHECK(run.says("jinan/s offered=0 answered=0\n"));
        drop("2.csv", "queue,at,Calls In,answered\ns,10:15,30,29\ns,10:15\nc,10:15,x,2\n");
        CHECK(run.says("jinan/s offered=30 answered=29\n"));
        CHECK(run.tells("event=ask_lines ask=f file=\"2.csv\" bad_lines=1 first=\"line 3: 2 fields where the header has 4\""));
        CHECK(run.tells("first=\"row 2: offered Calls In: 'x' is no number\""));
        CHECK(run.end() == 0);
    }
    drop("3.csv", "queue,at,Calls In,answered\ns,10:15,30,29\ns,10:30,5,5\n");
    RunningPoll run(folder, text);
    CHECK(run.says("jinan/s offered=35 answered=34\n"));
    CHECK(run.parts().find("offered=0") == std::string::npos);
    CHECK(run.end() == 0);
}

TEST_CASE("feed csv: the command reads a folder without a file of its own, by surged's names and --column") {
    TempFolder folder;
    std::filesystem::create_directory(folder.file("in"));
    std::ofstream(folder.file("in/1.csv")) << "Report of skills\nqueue,Calls In,answered,agents_staffed\ngeneral,312,301,20\n";
    std::filesystem::last_write_time(folder.file("in/1.csv"),
                                     std::filesystem::file_time_type::clock::now() - std::chrono::seconds{10});
    const auto surgectl = std::string(SURGED_BIN_DIR) + "/surgectl";
    const auto once = run_program(
        surgectl, {"feed", "csv", "--follow", folder.file("in"), "--centre", "jinan", "--column", "offered=Calls In", "--once"},
        folder.file(""));
    INFO(once.err);
    CHECK(once.code == 0);
    CHECK(parts_of(once.out) == "jinan/general agents_staffed=20 answered=301 offered=312\n");
    CHECK(run_program(surgectl, {"feed", "csv", "--follow", folder.file("in"), "--column", "offered"}, folder.file("")).code ==
          2);
    CHECK(run_program(surgectl, {"feed", "csv", "--follow", folder.file("none"), "--once"}, folder.file("")).code == 1);
}

TEST_CASE("feed check: the command judges lines and says which rules can work with them") {
    TempFolder folder;
    const auto surgectl = std::string(SURGED_BIN_DIR) + "/surgectl";
    const auto config = std::string(SURGED_SOURCE_DIR) + "/rules/quickstart/surged.toml";
    std::ofstream(folder.file("good.jsonl"))
        << R"({"v":1,"source":"x","seq":1,"ts":1780000000000,"queues":[{"centre":"jinan","queue":"general","m":{"calls_waiting":3,"offered":10}}]})"
        << "\n";
    const auto good = run_program(surgectl, {"feed", "check", folder.file("good.jsonl"), "--config", config}, folder.file(""));
    INFO(good.out << good.err);
    CHECK(good.code == 0);
    CHECK(good.out.find("message 1 of x: accepted, 1 queues, 2 values\n") == 0);
    CHECK(good.out.find("lack oldest_wait_s") != std::string::npos);
    const auto json =
        run_program(surgectl, {"--json", "feed", "check", folder.file("good.jsonl"), "--config", config}, folder.file(""));
    CHECK(json.out.find(R"({"messages":1,"refused":0,"left_out":0,"oddities":[],"queues":[{"centre":"jinan")") == 0);
    CHECK(json.out.find(R"("lacks":["oldest_wait_s"])") != std::string::npos);
    std::ofstream(folder.file("bad.jsonl"))
        << R"({"v":1,"source":"x","seq":1,"ts":1780000000000,"queues":[{"centre":"jinan","queue":"general","m":{"callsWaiting":3}}]})"
        << "\n";
    const auto bad = run_program(surgectl, {"feed", "check", folder.file("bad.jsonl")}, folder.file(""));
    CHECK(bad.code == 1);
    CHECK(bad.out.find("is calls_waiting meant?") != std::string::npos);
    CHECK(run_program(surgectl, {"feed", "check", folder.file("none.jsonl")}, folder.file("")).code == 2);
}
