using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Service.Hosting;
using Orchestrator.Service.Lifecycle;

namespace Orchestrator.Tests.Simulation;

/// <summary>The production lifecycle behind its production door, in memory; may be asked by many threads.</summary>
public sealed class Machine : IAsyncDisposable
{
    private static readonly Func<object, object> Clone = typeof(object).GetMethod("MemberwiseClone", BindingFlags.Instance | BindingFlags.NonPublic)!.CreateDelegate<Func<object, object>>();

    private readonly WebApplication _client;
    private readonly Transitions _transitions;

    public Machine()
    {
        var builder = OrchestratorHost.CreateBuilder([], configuration =>
        {
            configuration.Sources.Clear();
            configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Orchestrator:Database:ConnectionString"] = "Host=127.0.0.1;Database=never-opened" });
        });
        builder.AddClient();
        _client = builder.Build();
        _transitions = _client.Services.GetRequiredService<Transitions>();
    }

    public static Job Copy(Job job) => (Job)Clone(job);

    /// <returns>False if nothing changed.</returns>
    public bool Apply(Job job, object @event) => _transitions.ApplyAsync(job, @event, _transitions.Collect()).AsTask().GetAwaiter().GetResult();

    public async ValueTask DisposeAsync() => await _client.DisposeAsync();
}
