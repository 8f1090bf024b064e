using System.Diagnostics;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Orchestrator.Service.Classify;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Classify;

/// <summary>What holds for every log.</summary>
[Trait("Requirement", "RES-2")]
public sealed class ClassifierPropertyTests
{
    // Pieces of logs that mean something, in any order and cut anywhere, find more than random bytes do.
    private static readonly string[] Pieces =
    [
        .. Sample.OfAgents.Concat(Sample.OfPrograms).Concat(Sample.OfSceptics).Where(s => s.Log.Length < 2000).SelectMany(s => s.Log.Split('\n')).Distinct(),
        "{", "}", "[", "]", "[{", "```", "\"", "\\u", "\\ud800", "\u001b[", "\u001b]", "\r", "\0", "429", "resets ", " (Asia/", "99999999999999999999", "-1", "1e400", "retry-after: ", "try again in ", "{\"type\":\"result\",\"is_error\":true,\"result\":\"\\ud800\"}", "{\"type\":\"\\udfff\"}",
    ];

    private static readonly Gen<byte[]> Logs = Gen.OneOf(
        Gen.Choose(0, 255).Select(b => (byte)b).ArrayOf(),
        from pieces in Gen.Elements(Pieces).ArrayOf()
        from breaks in Gen.Elements("\n", "\r\n", "", " ").ArrayOf(pieces.Length)
        from cut in Gen.Choose(0, 40)
        select Cut(Encoding.UTF8.GetBytes(string.Concat(pieces.Zip(breaks, (piece, end) => piece + end))), cut));

    private static readonly Gen<int?> Exits = Gen.OneOf(Gen.Constant((int?)null), Gen.Choose(-20, 300).Select(exit => (int?)exit), Gen.Elements<int?>(0, 1, 126, 127, 137, 143, int.MinValue, int.MaxValue));

    private static readonly Gen<DateTimeOffset> Times = Gen.OneOf(Gen.Constant(Sample.Now), Gen.Constant(DateTimeOffset.MinValue), Gen.Constant(DateTimeOffset.MaxValue), Gen.Choose(0, int.MaxValue).Select(s => DateTimeOffset.FromUnixTimeSeconds(s)));

    [Fact]
    public void Any_log_has_a_verdict_that_holds_together() =>
        Prop.ForAll(
            (from log in Logs from exit in Exits from now in Times select (log, exit, now)).ToArbitrary(),
            run =>
            {
                var found = Classifier.Classify(run.exit, run.log, run.now);
                return (found.Scope is null == (found.Class != OutcomeClass.Permanent))
                    && (found.RetryAfter is null || (found.RetryAfter >= TimeSpan.FromSeconds(1) && found.RetryAfter <= TimeSpan.FromDays(7) && found.Class is OutcomeClass.RateLimited or OutcomeClass.Transient))
                    && (found.Backoff > TimeSpan.Zero == found.Class is OutcomeClass.RateLimited or OutcomeClass.Transient)
                    && found.Evidence.Length <= 300 && !found.Evidence.Any(char.IsControl)
                    && found == Classifier.Classify(run.exit, run.log, run.now);
            }).Check(Chance.Properties.WithMaxTest(3000).WithEndSize(60));

    /// <summary>Whatever an agent says or a tool prints, and whatever stood before: the verdict at the end is the verdict.</summary>
    [Fact]
    public void What_agents_say_and_tools_print_changes_nothing() =>
        Prop.ForAll(
            Gen.Elements(Pieces).ArrayOf().ToArbitrary(),
            words =>
            {
                var said = System.Text.Json.JsonSerializer.Serialize(string.Join('\n', words));
                var talk = $$$"""
                    {"type":"system","subtype":"init"}
                    {"type":"assistant","message":{"content":[{"type":"text","text":{{{said}}}}]}}
                    {"type":"user","message":{"content":[{"type":"tool_result","content":{{{said}}},"is_error":true}]}}
                    """ + "\n";
                return Classify(1, talk).Rule == "log-without-result"
                    && Classify(137, talk).Rule == "exit-signal"
                    && Classify(0, talk + $$"""{"type":"result","subtype":"success","is_error":false,"result":{{said}}}""").Rule == "result-success"
                    && Classify(1, talk + """{"type":"result","subtype":"error_max_turns","is_error":true}""").Rule == "result-budget";
            }).Check(Chance.Properties.WithMaxTest(1000).WithEndSize(30));

    [Theory]
    [InlineData("Error: 429 ")]
    [InlineData("You've hit your limit ")]
    [InlineData("{\"type\":\"result\",\"result\":\"")]
    [InlineData("{\n")]
    [InlineData("}\n{\n")]
    [InlineData("```\n")]
    [InlineData("\u001b[")]
    [InlineData("\u001b]")]
    [InlineData("{\"type\":\"user\"}")]
    [InlineData("warning: x{\"type\":\"user\"}\n")]
    [InlineData("error: exceeded your your your your ")]
    [InlineData("  Caused by: x\n")]
    [InlineData("try again in 1h ")]
    [InlineData("Error: boom\n")]
    [InlineData("{\"type\":\"rate_limit_event\",\"rate_limit_info\":{\"status\":\"rejected\",\"resetsAt\":1}}\n")]
    [InlineData("{\"type\":\"error\",\"message\":\"retrying\"}\n")]
    public void Four_megabytes_of_anything_take_seconds_at_most(string piece)
    {
        var log = new byte[5_000_000];
        var bytes = Encoding.UTF8.GetBytes(piece);
        for (var at = 0; at < log.Length; at += bytes.Length)
            bytes.AsSpan(0, Math.Min(bytes.Length, log.Length - at)).CopyTo(log.AsSpan(at));

        var watch = Stopwatch.StartNew();
        RunLog.Read(log.AsSpan(0, 4 * 1024 * 1024));
        Classifier.Classify(1, log, Sample.Now);

        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(30)); // 0.1 to 2 s on a quiet machine
    }

    private static Classification Classify(int exit, string log) => Classifier.Classify(exit, Encoding.UTF8.GetBytes(log), Sample.Now);

    private static byte[] Cut(byte[] bytes, int cut) => bytes[..Math.Max(0, bytes.Length - cut)];
}
