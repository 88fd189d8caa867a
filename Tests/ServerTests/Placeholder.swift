import Core
import Store
import Server
import TestKit
import Pipeline
import Testing
