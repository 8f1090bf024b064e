using Orchestrator.Service.Delivery.Forge;
using Orchestrator.Service.Delivery.Tracker;
using Orchestrator.Service.Hosting;

namespace Orchestrator.Service.Delivery.Remote;

/// <summary>Registers what talks to forge and tracker. Their clients are there only where their addresses are configured.</summary>
internal static class RemoteRegistration
{
    public static void AddForgeAndTracker(this IServiceCollection services)
    {
        var forge = OrchestratorHost.Section<ForgeOptions>(services);
        var tracker = OrchestratorHost.Section<TrackerOptions>(services);
        if (forge.IsEnabled)
        {
            services.AddRemoteClient(GiteaClient.Name);
            services.AddSingleton<IForge>(p => new GiteaClient(Calls(p, GiteaClient.Name, forge.Url!, "Authorization", $"token {forge.Token.Read("Orchestrator:Forge:Token")}", forge.Calls), forge));
        }

        if (tracker.IsEnabled)
        {
            services.AddRemoteClient(PlaneClient.Name);
            services.AddSingleton<ITracker>(p => new PlaneClient(Calls(p, PlaneClient.Name, tracker.Url!, "X-API-Key", tracker.Token.Read("Orchestrator:Tracker:Token"), tracker.Calls), tracker));
        }
    }

    private static RemoteCalls Calls(IServiceProvider services, string name, Uri url, string header, string token, RemoteOptions options) =>
        new(services.GetRequiredService<IHttpClientFactory>(), name, new Uri(url.ToString().TrimEnd('/') + "/api/v1/"), header, token, options, services.GetRequiredService<TimeProvider>());

    private static void AddRemoteClient(this IServiceCollection services, string name) => services
        .AddHttpClient(name, client => client.Timeout = Timeout.InfiniteTimeSpan) // each try has a time of its own
        .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
        {
            AllowAutoRedirect = false, // a token goes to one address only
            UseCookies = false,
            AutomaticDecompression = System.Net.DecompressionMethods.None, // so that the bound on an answer's size is the bound
            ConnectTimeout = TimeSpan.FromSeconds(5),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            MaxResponseHeadersLength = 64,
        })
        .RemoveAllLoggers(); // addresses of repositories and headers are nobody's business
}
