using System.Diagnostics;
using System.Text;
using Orchestrator.Service.Classify;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Classify;

/// <summary>The end of a log is found however long the log and its lines are.</summary>
[Trait("Requirement", "RES-2")]
public sealed class LogTailTests
{
    private const string Limit = "You've hit your limit · resets 11am (UTC)\n";

    [Fact]
    public void A_verdict_of_300_KB_is_read_behind_short_lines()
    {
        var log = "begun\n" + $$"""{"type":"result","subtype":"success","is_error":false,"result":"{{new string('x', 300_000)}}"}""" + "\n" + string.Concat(Enumerable.Repeat("a warning\n", 12));

        AssertSame(1, log, "result-success");
    }

    [Fact]
    public void Many_short_lines_cost_64_KB()
    {
        var log = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("compiling\n", 100_000)) + Limit);

        var tail = LogTail.Of(log);

        Assert.InRange(tail.Length, 60_000, 64 * 1024);
        Assert.StartsWith("compiling", Encoding.UTF8.GetString(tail), StringComparison.Ordinal);
        AssertSame(1, Encoding.UTF8.GetString(log), "usage-limit");
    }

    [Fact]
    public void A_line_of_50_MB_is_not_read_whole_and_holds_nobody_up()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "big.log");
        using (var file = File.Create(path))
        {
            var block = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("Error: 429 { [ ``` ", 1000)));
            for (var written = 0; written < 50_000_000; written += block.Length)
                file.Write(block);
        }

        var watch = Stopwatch.StartNew();
        var found = Classifier.Classify(1, path, Sample.Now);

        Assert.Equal("log-empty", found.Rule); // the part of a line is no line
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20)); // 0.1 s here; the limit only tells linear from not
    }

    [Fact]
    public void The_last_line_behind_one_of_50_MB_is_read() =>
        Assert.Equal("usage-limit", Classifier.Classify(1, Encoding.UTF8.GetBytes(new string('x', 50_000_000) + "\n" + Limit), Sample.Now).Rule);

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("You've hit your limit · resets 11am (UTC)")]
    [InlineData("You've hit your limit · resets 11am (UTC)\n\n\n")]
    [InlineData("\u001b]0;a title\u0007You've hit your \u001b[1mlimit\u001b[0m · resets 11am (UTC)")]
    public void Reads_alike_from_memory_and_file(string log) => AssertSame(1, log, log.Contains("limit", StringComparison.Ordinal) ? "usage-limit" : "log-empty");

    [Fact]
    public void A_log_that_is_cut_between_two_bytes_of_a_letter_is_read()
    {
        var bytes = new byte[70_000];
        Array.Fill(bytes, (byte)0x82); // never the first byte of a letter
        Encoding.UTF8.GetBytes("\n" + Limit).CopyTo(bytes, 69_000);
        bytes.AsSpan(69_000 + Limit.Length + 3).Fill((byte)'\n');

        Assert.Equal("usage-limit", Classifier.Classify(1, bytes, Sample.Now).Rule);
    }

    [Theory]
    [InlineData("\u001b[31mred\u001b[0m", "red")]
    [InlineData("\u001b[38;5;196;1mred\u001b[m", "red")]
    [InlineData("\u001b]8;;https://x\u001b\\link\u001b]8;;\u001b\\", "link")]
    [InlineData("\u001b(Bplain", "plain")]
    [InlineData("10%\r20%", "10%|20%")]
    [InlineData("a\0b\u0008c", "abc")]
    [InlineData("end\u001b", "end")]
    [InlineData("end\u001b[", "end[")]
    public void Colours_and_cursors_are_no_text(string raw, string lines) => Assert.Equal(lines, string.Join('|', LogTail.Lines(Encoding.UTF8.GetBytes(raw))));

    private static void AssertSame(int exit, string log, string rule)
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "run.log");
        var bytes = Encoding.UTF8.GetBytes(log);
        File.WriteAllBytes(path, bytes);

        var found = Classifier.Classify(exit, bytes, Sample.Now);

        Assert.Equal(rule, found.Rule);
        Assert.Equal(found, Classifier.Classify(exit, path, Sample.Now));
        Assert.Equal(found, Classifier.Classify(exit, new MemoryStream(bytes), Sample.Now));
    }
}
