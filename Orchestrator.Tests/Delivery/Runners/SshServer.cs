using System.Net;
using System.Net.Sockets;
using Orchestrator.Local;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Delivery.Runners;

/// <summary>A real OpenSSH server of this user on a free loopback port, with a host key and a client key of its own.</summary>
public sealed class SshServer : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private Infrastructure.Command? _server;

    /// <summary>Where it listens.</summary>
    public int Port { get; private set; }

    /// <summary>A key that it accepts.</summary>
    public string Key => Of("client");

    /// <summary>A key that it does not accept.</summary>
    public string StrangeKey => Of("stranger");

    /// <summary>Its host key, for any port.</summary>
    public string KnownHosts => Of("known_hosts");

    /// <summary>Another's host key, for any port.</summary>
    public string OtherHosts => Of("other_hosts");

    /// <inheritdoc />
    public async Task InitializeAsync()
    {
        foreach (var key in new[] { "host", "client", "stranger" })
            Assert.Equal(0, (await Infrastructure.Command.RunAsync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", Of(key)])).ExitCode);
        File.Copy(Of("client.pub"), Of("authorized_keys"));
        File.WriteAllText(KnownHosts, "* " + File.ReadAllText(Of("host.pub")));
        File.WriteAllText(OtherHosts, "* " + File.ReadAllText(Of("stranger.pub")));
        Port = FreePort.Pick();
        File.WriteAllText(Of("sshd_config"), $"""
            ListenAddress 127.0.0.1
            Port {Port}
            HostKey {Of("host")}
            AuthorizedKeysFile {Of("authorized_keys")}
            PidFile none
            UsePAM no
            StrictModes no
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            PermitRootLogin prohibit-password
            MaxStartups 100
            PrintMotd no

            """);
        if (Environment.UserName == "root")
            Directory.CreateDirectory("/run/sshd"); // what the service's own unit would make
        _server = Infrastructure.Command.Start("/usr/sbin/sshd", ["-D", "-e", "-f", Of("sshd_config")]);
        await Eventually.IsTrueAsync(Listens, "sshd listens");
    }

    /// <inheritdoc />
    public Task DisposeAsync()
    {
        _server?.Dispose();
        _folder.Dispose();
        return Task.CompletedTask;
    }

    private bool Listens()
    {
        using var client = new TcpClient();
        try
        {
            client.Connect(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private string Of(string name) => Path.Combine(_folder.Path, name);
}
