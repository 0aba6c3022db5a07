package dev.purekv.it;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.ContainerNetwork;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;

/**
 * What connects a running container to a network, and can be cut.
 *
 * @param name of the container in that network
 */
record Cable(GenericContainer<?> container, Network network, String name) {
    void plug() {
        docker().connectToNetworkCmd()
                .withNetworkId(network.getId())
                .withContainerId(container.getContainerId())
                .withContainerNetwork(new ContainerNetwork().withAliases(name))
                .exec();
    }

    void cut() {
        docker().disconnectFromNetworkCmd()
                .withNetworkId(network.getId())
                .withContainerId(container.getContainerId())
                .withForce(true)
                .exec();
    }

    private DockerClient docker() {
        return container.getDockerClient();
    }
}
