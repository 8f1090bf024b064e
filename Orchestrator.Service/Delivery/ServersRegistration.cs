using Orchestrator.Service.Delivery.Forge;
using Orchestrator.Service.Delivery.Tracker;
using Orchestrator.Service.Hosting;
using Orchestrator.Service.Remote;

namespace Orchestrator.Service.Delivery;

/// <summary>Registers what talks to forge and tracker. Their clients are there only where their addresses are configured.</summary>
internal static class ServersRegistration
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
}
