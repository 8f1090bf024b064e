using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Local.StandIns;
using Orchestrator.Service.Delivery.Forge;
using Orchestrator.Service.Delivery.Tracker;
using Orchestrator.Service.Remote;

namespace Orchestrator.Tests.Delivery.Forge;

/// <summary>The clients as they are made in a node, against the stand-ins.</summary>
internal static class Servers
{
    public const string Repository = "acme/engine";

    public static GiteaClient ClientOf(GiteaStandIn gitea, RemoteOptions? calls = null, string? token = null) =>
        new(Calls(GiteaClient.Name, gitea.Url, "Authorization", $"token {token ?? gitea.Token}", calls), new ForgeOptions());

    public static PlaneClient ClientOf(PlaneStandIn plane, RemoteOptions? calls = null, string? key = null) =>
        new(Calls(PlaneClient.Name, plane.Url, "X-API-Key", key ?? plane.Key, calls), new TrackerOptions { Workspace = plane.Workspace, States = { ["development"] = "in progress", ["done"] = plane.States["Done"].ToString(), ["lost"] = "Nowhere" } });

    public static RemoteOptions Quick => new() { Pause = TimeSpan.FromMilliseconds(1), Timeout = TimeSpan.FromSeconds(10) };

    public static RemoteCalls Calls(string name, Uri url, string header, string token, RemoteOptions? options = null) =>
        new(new Factory(), name, new Uri(url, "/api/v1/"), header, token, options ?? Quick, TimeProvider.System);

    private sealed class Factory : IHttpClientFactory
    {
        private static readonly SocketsHttpHandler Handler = new() { UseProxy = false, AllowAutoRedirect = false };

        public HttpClient CreateClient(string name) => new(Handler, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };
    }
}
