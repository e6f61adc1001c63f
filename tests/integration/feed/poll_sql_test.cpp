// Real databases: SQLite always; PostgreSQL, MariaDB and ODBC where they are installed, which the test says when they are not.
#include <sqlite3.h>
#include <unistd.h>

#include <csignal>

#include "poll_live_kit.hpp"
#include "support/free_port.hpp"
#include "support/process.hpp"

using namespace surged;
using namespace surged::test;
namespace fs = std::filesystem;

namespace {

/// ViciDial's tables, as far as the example reads them, with three callers, two agents and today's calls.
std::string vici_tables(const std::string& now_text, const std::string& ago_text) {
    return "CREATE TABLE vicidial_auto_calls (auto_call_id INTEGER PRIMARY KEY, campaign_id VARCHAR(20), status VARCHAR(12), "
           "call_time DATETIME, call_type VARCHAR(12));"
           "CREATE TABLE vicidial_live_agents (live_agent_id INTEGER PRIMARY KEY, user VARCHAR(20), status VARCHAR(12), "
           "campaign_id VARCHAR(20), closer_campaigns TEXT);"
           "CREATE TABLE vicidial_live_inbound_agents (user VARCHAR(20), group_id VARCHAR(20));"
           "CREATE TABLE vicidial_closer_log (closecallid INTEGER PRIMARY KEY, campaign_id VARCHAR(20), call_date DATETIME, "
           "status VARCHAR(6), user VARCHAR(20), "
           "queue_seconds DECIMAL(7,2), term_reason VARCHAR(20));"
           "INSERT INTO vicidial_auto_calls VALUES (1,'SALESLINE','LIVE','" +
           ago_text + "','IN'),(2,'SALESLINE','LIVE','" + now_text + "','IN'),(3,'SALESLINE','CLOSER','" + now_text +
           "','IN'),(4,'OUTB','LIVE','" + now_text +
           "','OUT');"
           "INSERT INTO vicidial_live_agents VALUES "
           "(1,'anna','CLOSER','SALES',''),(2,'ben','INCALL','SALES',''),(3,'cleo','PAUSED','SALES','');"
           "INSERT INTO vicidial_live_inbound_agents VALUES "
           "('anna','SALESLINE'),('ben','SALESLINE'),('ben','SUPPORT'),('cleo','SUPPORT');"
           "INSERT INTO vicidial_closer_log VALUES (1,'SALESLINE','" +
           now_text + "','SALE','ben',12.5,'CALLER'),(2,'SALESLINE','" + now_text +
           "','DROP','VDCL',30,'ABANDON'),(3,'SALESLINE','" + now_text +
           "','QUEUE','VDCL',0,'NONE'),(4,'SALESLINE','2001-01-01 10:00:00','SALE','ben',1,'AGENT');";
}

std::string local_time(std::int64_t ago_ms) {
    static const Zone utc;
    auto text =
        PollTemplate::parse("${now:local}").value().fill({wall_now_ms() - ago_ms, std::chrono::minutes{30}, &utc}, {}).value();
    text[10] = ' ';
    return text;
}

/// The shipped example with another database, in UTC.
std::string vici_example(const std::string& database) {
    auto text = text_of(std::string(SURGED_SOURCE_DIR) + "/rules/examples/feeds/vicidial.toml");
    text = std::regex_replace(text, std::regex("timezone = \"[^\"]*\""), "timezone = \"UTC\"");
    return std::regex_replace(
        text, std::regex("driver = \"mariadb\"\nhost = [^\n]*\nname = [^\n]*\nuser = [^\n]*\npassword_file = [^\n]*\n"),
        database + "\n");
}

void check_vici(const PollOnce& once) {
    INFO(once.err << once.parts);
    CHECK(once.code == 0);
    CHECK(once.parts.find("jinan/sales calls_waiting=2 oldest_wait_s=9") != std::string::npos);  // 90 s, and some
    CHECK(once.parts.find("jinan/support calls_waiting=0 oldest_wait_s=0\n") != std::string::npos);
    CHECK(once.parts.find("jinan/sales agents_staffed=2 agents_available=1 agents_ringing=0 agents_on_call=1 agents_aux=0\n") !=
          std::string::npos);
    CHECK(once.parts.find("jinan/support agents_staffed=2 agents_available=0 agents_ringing=0 agents_on_call=1 agents_aux=1\n") !=
          std::string::npos);
    CHECK(once.parts.find("jinan/sales offered=3 answered=1 abandoned=1 wait_answered_s_sum=12.5\n") != std::string::npos);
    CHECK(once.parts.find("OUTB") == std::string::npos);
}

void make_sqlite(const std::string& path, const std::string& sql) {
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
    char* error = nullptr;
    const int code = sqlite3_exec(db, sql.c_str(), nullptr, nullptr, &error);
    INFO((error == nullptr ? "" : error));
    REQUIRE(code == SQLITE_OK);
    sqlite3_close(db);
}

std::string sql_ask(const std::string& database, const std::string& sql) {
    return "[database.d]\n" + database + "\n[[ask]]\nid = \"a\"\ntimeout = \"1s\"\ndatabase = \"d\"\nsql = \"" + sql +
           "\"\nqueue_from = \"q\"\ngauges = { calls_waiting = \"n\" }\n";
}

}  // namespace

TEST_CASE("feed poll: ViciDial's example, on SQLite with its tables") {
    TempFolder folder;
    make_sqlite(folder.file("vici.db"), vici_tables(local_time(0), local_time(90'000)));
    check_vici(poll_once(folder, vici_example("driver = \"sqlite\"\npath = \"vici.db\"")));
}

TEST_CASE("feed poll: SQLite is read only, one statement, within its timeout, and NULL is absent") {
    TempFolder folder;
    make_sqlite(folder.file("x.db"),
                "CREATE TABLE t (q TEXT, n INTEGER); INSERT INTO t VALUES ('a', 3), ('b', NULL), (NULL, 1);");
    const std::string lite = "driver = \"sqlite\"\npath = \"x.db\"";
    auto once = poll_once(folder, sql_ask(lite, "SELECT q, n FROM t"));
    CHECK(once.parts == "main/a calls_waiting=3\n");
    CHECK(once.err.find("row 3: queue q: is not there") != std::string::npos);
    CHECK(poll_once(folder, sql_ask(lite, "DELETE FROM t")).err.find("would change the database") != std::string::npos);
    CHECK(poll_once(folder, sql_ask(lite, "SELECT 1; SELECT 2")).err.find("one statement") != std::string::npos);
    CHECK(poll_once(folder, sql_ask(lite, "SELECT q FROM none_such")).err.find("no such table") != std::string::npos);
    CHECK(
        poll_once(
            folder,
            sql_ask(lite, "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) SELECT 'a' AS q, COUNT(*) AS n FROM c"))
            .err.find("longer than its timeout") != std::string::npos);
    CHECK(poll_once(
              folder,
              sql_ask(lite,
                      "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c LIMIT 100001) SELECT x AS q, 1 AS n FROM c"))
              .err.find("more than 100000 rows") != std::string::npos);
    CHECK(poll_once(folder, sql_ask("driver = \"sqlite\"\npath = \"none.db\"", "SELECT 1")).err.find("unable to open") !=
          std::string::npos);
}

TEST_CASE("feed poll: PostgreSQL, a real server: password from a file, read only, an error in its words, a restart of it") {
    fs::path bin;
    for (const auto* version : {"17", "16", "15", "14"}) {
        const auto path = fs::path("/usr/lib/postgresql") / version / "bin";
        bin = bin.empty() && fs::exists(path / "postgres") ? path : bin;
    }
    if (bin.empty() || ::getuid() != 0) {
        WARN("no PostgreSQL server here (or not root): its driver is not tried");
        return;
    }
    TempFolder folder;
    const auto data = folder.file("data");
    fs::permissions(fs::path(data).parent_path(), fs::perms::all);
    std::ofstream(folder.file("password")) << "pg-secret\n";
    const auto port = std::to_string(free_port());
    const auto as_postgres = [&](std::vector<std::string> command) {
        command.insert(command.begin(), {"-u", "postgres", "--"});
        return run_program("/usr/sbin/runuser", command, folder.file(""), std::chrono::seconds{60});
    };
    REQUIRE(as_postgres({(bin / "initdb").string(), "-D", data, "-A", "scram-sha-256", "-U", "surged",
                         "--pwfile=" + folder.file("password"), "-N"})
                .code == 0);
    const auto start = [&] {
        return std::make_unique<Process>("/usr/sbin/runuser",
                                         std::vector<std::string>{"-u", "postgres", "--", (bin / "postgres").string(), "-D", data,
                                                                  "-p", port, "-h", "127.0.0.1", "-k", data},
                                         folder.file("log"));
    };
    auto server = start();
    const std::string database = "driver = \"postgresql\"\nhost = \"127.0.0.1\"\nport = " + port +
                                 "\nname = \"postgres\"\nuser = \"surged\"\npassword_file = \"password\"";
    const auto values = sql_ask(database, "SELECT 'sales' AS q, 3 AS n UNION ALL SELECT 'care', NULL");
    CHECK(eventually([&] { return poll_once(folder, values).parts == "main/sales calls_waiting=3\n"; }));
    CHECK(poll_once(folder, sql_ask(database, "CREATE TABLE t (q TEXT)")).err.find("read-only transaction") != std::string::npos);
    CHECK(poll_once(folder, sql_ask(database, "SELECT 1; SELECT 2")).err.find("multiple commands") != std::string::npos);
    CHECK(poll_once(folder, sql_ask(database, "SELECT pg_sleep(5)")).err.find("longer than its timeout") != std::string::npos);
    std::ofstream(folder.file("wrong")) << "other\n";
    const auto refused = poll_once(folder, std::regex_replace(values, std::regex("\"password\""), "\"wrong\""));
    CHECK(refused.err.find("password authentication failed") != std::string::npos);
    {
        RunningPoll run(folder, std::regex_replace(values, std::regex("id = \"a\""), "id = \"a\"\nevery = \"1s\""));
        CHECK(run.says("main/sales calls_waiting=3\n"));
        server->signal(SIGINT);  // a fast shutdown, of the server behind runuser
        static_cast<void>(as_postgres({(bin / "pg_ctl").string(), "-D", data, "-m", "immediate", "stop"}));
        CHECK(run.tells("event=ask_failed"));
        server = start();
        CHECK(run.tells("event=ask_answered"));
        CHECK(run.end() == 0);
    }
    static_cast<void>(as_postgres({(bin / "pg_ctl").string(), "-D", data, "-m", "immediate", "stop"}));
}

TEST_CASE("feed poll: MariaDB, a real server with ViciDial's tables") {
    if (!fs::exists("/usr/sbin/mariadbd") || !fs::exists("/usr/bin/mariadb-install-db") || ::getuid() != 0) {
        WARN("no MariaDB server here (or not root): its driver is not tried");
        return;
    }
    TempFolder folder;
    const auto data = folder.file("data");
    REQUIRE(run_program("/usr/bin/mariadb-install-db",
                        {"--no-defaults", "--user=root", "--datadir=" + data, "--auth-root-authentication-method=normal"},
                        folder.file(""), std::chrono::seconds{120})
                .code == 0);
    const auto port = std::to_string(free_port());
    std::ofstream(folder.file("init.sql"))
        << "CREATE DATABASE asterisk;\nCREATE USER surged@'127.0.0.1' IDENTIFIED BY 'maria-secret';\nGRANT ALL ON asterisk.* TO "
           "surged@'127.0.0.1';\nUSE asterisk;\n"
        << std::regex_replace(vici_tables(local_time(0), local_time(90'000)), std::regex(";"), ";\n");
    const Process server("/usr/sbin/mariadbd",
                         {"--no-defaults", "--user=root", "--datadir=" + data, "--socket=" + folder.file("s"), "--port=" + port,
                          "--bind-address=127.0.0.1", "--pid-file=" + folder.file("pid"),
                          "--init-file=" + folder.file("init.sql"), "--innodb-buffer-pool-size=16M", "--skip-name-resolve"},
                         folder.file("log"));
    std::ofstream(folder.file("password")) << "maria-secret\n";
    const std::string database = "driver = \"mariadb\"\nhost = \"127.0.0.1\"\nport = " + port +
                                 "\nname = \"asterisk\"\nuser = \"surged\"\npassword_file = \"password\"";
    CHECK(eventually([&] { return poll_once(folder, vici_example(database)).code == 0; }));
    check_vici(poll_once(folder, vici_example(database)));
    CHECK(poll_once(folder, sql_ask(database, "DELETE FROM vicidial_auto_calls")).err.find("READ ONLY") != std::string::npos);
    CHECK(poll_once(folder, sql_ask(database, "SELECT SLEEP(5) AS q, 1 AS n")).code == 1);
    std::ofstream(folder.file("password")) << "other\n";
    CHECK(poll_once(folder, vici_example(database)).err.find("Access denied for user") != std::string::npos);
}

TEST_CASE("feed poll: ODBC, with the driver of SQLite") {
    std::string driver;
    for (const auto* path :
         {"/usr/lib/x86_64-linux-gnu/odbc/libsqlite3odbc.so", "/usr/lib/aarch64-linux-gnu/odbc/libsqlite3odbc.so"}) {
        driver = driver.empty() && fs::exists(path) ? path : driver;
    }
    if (driver.empty()) {
        WARN("no libsqliteodbc here: the driver odbc is not tried");
        return;
    }
    TempFolder folder;
    make_sqlite(folder.file("x.db"), "CREATE TABLE t (q TEXT, n INTEGER); INSERT INTO t VALUES ('a', 3), ('b', NULL);");
    const std::string database = "driver = \"odbc\"\nconnection = \"Driver=" + driver + ";Database=" + folder.file("x.db") + "\"";
    CHECK(poll_once(folder, sql_ask(database, "SELECT q, n FROM t")).parts == "main/a calls_waiting=3\n");
    CHECK(poll_once(folder, sql_ask(database, "SELECT q FROM none_such")).err.find("no such table") != std::string::npos);
    CHECK(
        poll_once(folder, sql_ask("driver = \"odbc\"\nconnection = \"Driver=/none.so\"", "SELECT 1")).err.find("database d: ") !=
        std::string::npos);
}
