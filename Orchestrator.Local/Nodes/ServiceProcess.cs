using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Local.Nodes;

/// <summary>One node of the service as a process of its own, with settings by environment. It can't outlive this process.</summary>
public sealed class ServiceProcess : IAsyncDisposable
{
    /// <summary>So that a peak means something: the node must do with it.</summary>
    private const long HeapLimit = 512L << 20;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    private readonly string _folder;
    private readonly Child _child;
    private readonly HttpClient _http;
    private bool _stopped;

    private ServiceProcess(string folder, Child child, Uri url) =>
        (_folder, _child, Url, _http) = (folder, child, url, new HttpClient { BaseAddress = url, Timeout = TimeSpan.FromMinutes(1) });

    /// <summary>Of the supervisor, below which the service runs.</summary>
    public int Id => _child.Id;

    /// <summary>How it ended; only after <see cref="StopAsync"/>.</summary>
    public int ExitCode { get; private set; }

    /// <summary>Where it answers HTTP.</summary>
    public Uri Url { get; }

    /// <summary>Starts <c>serve</c> and returns when the node is ready to work.</summary>
    /// <param name="settings">Settings below <c>Orchestrator:</c>, with colons as in the documentation.</param>
    /// <param name="ct">Ends the wait, and the process with it.</param>
    /// <exception cref="CannotStartException">It ended, or was not ready within a minute; nothing is left running.</exception>
    public static Task<ServiceProcess> StartAsync(IReadOnlyDictionary<string, string> settings, CancellationToken ct = default) => StartAsync(_ => Task.FromResult(settings), ct);

    /// <summary>The same for a node that works on files.</summary>
    /// <param name="prepare">From a folder that goes with the process, however it ends, to the settings.</param>
    /// <param name="ct">Ends the wait, and the process with it.</param>
    /// <exception cref="CannotStartException">It ended, or was not ready within a minute; nothing is left running.</exception>
    public static async Task<ServiceProcess> StartAsync(Func<string, Task<IReadOnlyDictionary<string, string>>> prepare, CancellationToken ct)
    {
        var folder = EnvironmentFolder.NewIn(Path.GetTempPath());
        EnvironmentFolder.Create(folder);
        var url = new Uri($"http://127.0.0.1:{FreePort.Pick()}");
        // The supervisor removes it when this process dies, and with it what a killed service was working on.
        var work = Directory.CreateDirectory(Path.Combine(folder, "service")).FullName;
        IReadOnlyDictionary<string, string> settings;
        try
        {
            settings = await prepare(work);
        }
        catch
        {
            EnvironmentFolder.Remove(folder);
            throw;
        }

        var child = NodeProgram.Start(work, Path.Combine(folder, "service.log"), "TERM", url, settings, ("DOTNET_GCHeapHardLimit", $"{HeapLimit:X}"), ("TMPDIR", work));
        var service = new ServiceProcess(folder, child, url);
        try
        {
            await service.ReadyAsync(ct);
            return service;
        }
        catch
        {
            await service.DisposeAsync();
            throw;
        }
    }

    /// <summary>Reads what an address answers.</summary>
    public async Task<T> GetAsync<T>(string path, CancellationToken ct = default) =>
        await _http.GetFromJsonAsync<T>(path, Json, ct) ?? throw new InvalidOperationException($"GET {path} answered null.");

    /// <summary>Sends a command as JSON.</summary>
    /// <exception cref="InvalidOperationException">It was refused.</exception>
    public async Task PostAsync(string path, object? body = null, CancellationToken ct = default)
    {
        using var answer = await _http.PostAsJsonAsync(path, body ?? new { }, Json, ct);
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException($"POST {path} answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(ct)}");
    }

    /// <summary>Imports the orders that invoices are matched with.</summary>
    public async Task ImportOrdersAsync(string csv, CancellationToken ct = default)
    {
        await using var file = File.OpenRead(csv);
        using var content = new StreamContent(file);
        content.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        using var answer = await _http.PostAsync(new Uri("/purchase-orders", UriKind.Relative), content, ct);
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException($"The orders in {csv} were refused: {await answer.Content.ReadAsStringAsync(ct)}");
    }

    /// <summary>Asks the node to stop, as a deployment does, and waits for its end.</summary>
    public async Task StopAsync()
    {
        _stopped = true;
        ExitCode = await _child.StopAsync("TERM");
    }

    /// <summary>The last lines that it wrote; of exceptions what they say, not where they passed.</summary>
    public string LogTail() =>
        string.Join('\n', _child.Tail(500).Split('\n').Where(line => !line.TrimStart().StartsWith("at ", StringComparison.Ordinal) && !line.StartsWith("---", StringComparison.Ordinal)).TakeLast(15));

    /// <summary>Stops the node and removes its folder.</summary>
    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (!_stopped)
            await _child.EndAsync();
        EnvironmentFolder.Remove(_folder);
    }

    private async Task ReadyAsync(CancellationToken ct)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await AnswersAsync(ct))
        {
            if (_child.HasExited)
                throw new CannotStartException($"The service ended with exit code {_child.ExitCode} before it was ready. The end of its log:\n{LogTail()}");
            if (TimeProvider.System.GetElapsedTime(started) > TimeSpan.FromMinutes(1))
                throw new CannotStartException($"The service was not ready within a minute. The end of its log:\n{LogTail()}");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, ct);
        }
    }

    private async Task<bool> AnswersAsync(CancellationToken ct)
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri("/health/ready", UriKind.Relative), ct);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false; // it does not listen yet
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return false; // it listens, and took too long
        }
    }
}
