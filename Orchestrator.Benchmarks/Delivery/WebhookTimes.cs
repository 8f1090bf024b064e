using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Orchestrator.Local;
using Orchestrator.Local.Storm;
using Orchestrator.Service.Hosting;

namespace Orchestrator.Benchmarks.Delivery;

/// <summary>The door for webhooks: over HTTP, with the check of the signature and the one insert. What the jobs do afterwards is switched off.</summary>
internal static class WebhookTimes
{
    private const string Secret = "measured";

    public static async Task MeasureAsync(LocalEnvironment environment, string folder, int deliveries)
    {
        await using var yard = await DeliveryYard.SetAsync(folder, repositories: 1);
        var secret = Path.Combine(folder, "secret");
        await File.WriteAllTextAsync(secret, Secret);
        await using var node = await DeliveryNode.StartAsync(environment, BusTransport.InMemory, new Dictionary<string, string>(yard.Settings) { ["Webhooks:Gitea:Secret:File"] = secret, ["Lanes:deliveries:Enabled"] = "false" });
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = node.Url };
        await SendAsync(http, 0, 200, atOnce: 8); // the first ones of a process pay for its compilation
        var rows = new List<IReadOnlyList<object>>();
        foreach (var atOnce in (int[])[1, 8])
        {
            var began = Stopwatch.GetTimestamp();
            var times = (await SendAsync(http, atOnce * 1_000_000, deliveries, atOnce)).Order().ToList();
            rows.Add([atOnce, deliveries, deliveries / Stopwatch.GetElapsedTime(began).TotalSeconds, Table.Quantile(times, 0.5), Table.Quantile(times, 0.99), times[^1]]);
        }

        Table.Write("Webhooks of about 1 KiB, signature and insert; answers in milliseconds", ["at once", "deliveries", "per second", "p50", "p99", "most"], rows);
    }

    private static async Task<double[]> SendAsync(HttpClient http, int first, int count, int atOnce)
    {
        var times = new double[count];
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = atOnce }, async (at, cancellation) =>
        {
            var body = Push(first + at);
            using var request = new HttpRequestMessage(HttpMethod.Post, "/webhooks/gitea") { Content = new ByteArrayContent(body) { Headers = { { "Content-Type", "application/json" } } } };
            request.Headers.Add("X-Gitea-Event", "push");
            request.Headers.Add("X-Gitea-Event-Type", "push");
            request.Headers.Add("X-Gitea-Signature", Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), body)));
            var began = Stopwatch.GetTimestamp();
            using var answer = await http.SendAsync(request, cancellation);
            times[at] = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            answer.EnsureSuccessStatusCode();
        });
        return times;
    }

    private static byte[] Push(int number) => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
        $$"""
        {
          "ref": "refs/heads/task/change-{{number}}", "before": "{{number:x40}}", "after": "{{number + 1:x40}}", "total_commits": 1,
          "commits": [{ "id": "{{number + 1:x40}}", "message": "{{new string('m', 600)}}" }],
          "repository": { "id": 1, "full_name": "team/app0" }, "pusher": { "id": 3, "login": "ada" }, "sender": { "id": 3, "login": "ada" }
        }
        """));
}
